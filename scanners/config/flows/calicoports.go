// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"
	"strconv"
	"strings"
)

// calicoPorts reads the protocol and the ports that are called.
func (r *rule) calicoPorts(x value) error {
	protos, exact, err := calicoProtocol(x.get("protocol"))
	if err != nil {
		return err
	}
	not, notExact, err := calicoProtocol(x.get("notProtocol"))
	if err != nil {
		return err
	}
	if x.get("notProtocol").given() {
		protos = slices.DeleteFunc(slices.Clone(protos), func(p protocol) bool { return notExact && slices.Contains(not, p) })
	}
	r.unsure = r.unsure || !exact
	ports, err := calicoPortList(x.get("destination", "ports"), protos)
	if err != nil {
		return err
	}
	spared, err := calicoPortList(x.get("destination", "notPorts"), protos)
	if err != nil {
		return err
	}
	if r.ports = ports; len(ports) == 0 {
		r.ports = []port{{protos: protos, lo: 1, hi: 65535}}
	}
	for _, s := range spared {
		if s.name != "" {
			r.unsure = true
			continue
		}
		var rest []port
		for _, p := range r.ports {
			rest = append(rest, p.less(s.lo, s.hi)...)
		}
		r.ports = rest
	}
	if r.allPorts = len(protos) == int(protocols) && len(ports)+len(spared) == 0; r.allPorts {
		r.ports = nil
	}
	r.parts = len(r.peers) + len(r.ports)
	return nil
}

// less takes a range away.
func (p port) less(lo, hi int) []port {
	if p.name != "" || p.hi < lo || p.lo > hi {
		return []port{p}
	}
	var out []port
	if p.lo < lo {
		before := p
		before.hi = lo - 1
		out = append(out, before)
	}
	if p.hi > hi {
		after := p
		after.lo = hi + 1
		out = append(out, after)
	}
	return out
}

// calicoProtocol is what a protocol's name or number stands for, and whether that is all of it. Without one it is any.
func calicoProtocol(x value) ([]protocol, bool, error) {
	if !x.given() {
		return []protocol{tcp, udp, sctp, other}, true, nil
	}
	word, isText := x.v.(string)
	n, isNumber := x.number()
	if v, err := strconv.Atoi(word); isText && err == nil {
		n, isNumber = v, true
	}
	switch {
	case isNumber && n == 6 || strings.EqualFold(word, "TCP"):
		return []protocol{tcp}, true, nil
	case isNumber && n == 17 || strings.EqualFold(word, "UDP"):
		return []protocol{udp}, true, nil
	case isNumber && n == 132 || strings.EqualFold(word, "SCTP"):
		return []protocol{sctp}, true, nil
	case isNumber && n > 0 && n < 256 || slices.Contains([]string{"ICMP", "ICMPV6", "UDPLITE"}, strings.ToUpper(word)):
		return []protocol{other}, false, nil
	}
	return nil, false, x.wrong("expected a protocol such as TCP, or its number")
}

func calicoPortList(x value, protos []protocol) ([]port, error) {
	l, err := x.list()
	if err != nil {
		return nil, err
	}
	var out []port
	for _, e := range l {
		p := port{protos: protos}
		if n, ok := e.number(); ok {
			p.lo, p.hi = n, n
		} else if s, err := e.text(); err != nil {
			return nil, err
		} else if lo, hi, err := calicoRange(s); err == nil {
			p.lo, p.hi = lo, hi
		} else if p.name = s; s == "" {
			return nil, e.wrong("expected a port, a range such as 80:90, or a name")
		}
		if p.name == "" && (p.lo < 0 || p.hi > 65535 || p.hi < p.lo) {
			return nil, e.wrong("expected ports of 1 to 65535")
		}
		out = append(out, p)
	}
	return out, nil
}

func calicoRange(s string) (lo, hi int, err error) {
	a, b, isRange := strings.Cut(s, ":")
	if !isRange {
		b = a
	}
	if lo, err = strconv.Atoi(a); err == nil {
		hi, err = strconv.Atoi(b)
	}
	return lo, hi, err
}

// calicoHTTP reads the methods and paths of an Allow rule.
func (r *rule) calicoHTTP(x value) error {
	if !x.given() {
		return nil
	}
	if err := x.only("methods", "paths"); err != nil {
		return err
	}
	words, err := x.get("methods").texts()
	if err != nil {
		return err
	}
	l, err := x.get("paths").list()
	if err != nil {
		return err
	}
	o := op{allMethods(), allPaths()}
	if len(words) > 0 && !slices.Contains(words, "*") {
		o.m = methods{set: union(words, nil)}
	}
	var in []pattern
	for _, e := range l {
		exact, _ := e.get("exact").v.(string)
		prefix, _ := e.get("prefix").v.(string)
		switch {
		case exact != "":
			in = append(in, pattern(exact))
		case prefix != "":
			in = append(in, pattern(prefix+"*"))
		}
	}
	if len(in) > 0 {
		o.p = paths{in: in}.clean()
	}
	if r.allPorts {
		r.allPorts, r.ports = false, []port{{protos: []protocol{tcp}, lo: 1, hi: 65535}}
	}
	for i := range r.ports {
		r.ports[i].ops = ops{o}.canonical()
	}
	r.unsure = true
	return nil
}
