// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

func (w *world) calicoRules(p *policy, x value, egress bool) ([]rule, error) {
	l, err := x.list()
	if err != nil {
		return nil, err
	}
	var out []rule
	for _, e := range l {
		if err := e.only("action", "protocol", "notProtocol", "icmp", "notICMP", "ipVersion", "source", "destination", "http", "metadata"); err != nil {
			return nil, err
		}
		r := rule{policy: p, path: e.path, egress: egress}
		switch action, _ := e.get("action").v.(string); action {
		case "Allow":
		case "Deny":
			r.action = deny
		case "Pass":
			r.action = pass
		case "Log":
			continue
		default:
			return nil, e.get("action").wrong("action %q: expected Allow, Deny, Pass or Log", action)
		}
		if err := w.calicoRule(&r, e); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (w *world) calicoRule(r *rule, x value) error {
	other, mine := x.get("source"), x.get("destination")
	if r.egress {
		other, mine = mine, other
	}
	var err error
	if r.peers, err = w.calicoPeers(r, other, x); err != nil {
		return err
	}
	if err := w.calicoLocal(r, mine); err != nil {
		return err
	}
	for _, f := range []string{"ports", "notPorts"} {
		l, err := x.get("source", f).list()
		if err != nil {
			return err
		}
		r.unsure = r.unsure || len(l) > 0 // a caller's ports are not in the manifests
	}
	if x.get("ipVersion").given() || x.get("icmp").given() || x.get("notICMP").given() {
		r.unsure = true
	}
	if err := r.calicoPorts(x); err != nil {
		return err
	}
	return r.calicoHTTP(x.get("http"))
}

// calicoPeers are those at the other end.
func (w *world) calicoPeers(r *rule, end, x value) ([]peer, error) {
	if err := end.only("nets", "notNets", "selector", "notSelector", "namespaceSelector", "ports", "notPorts", "serviceAccounts", "services", "domains"); err != nil {
		return nil, err
	}
	nets, err := prefixes(end.get("nets"))
	if err != nil {
		return nil, err
	}
	notNets, err := prefixes(end.get("notNets"))
	if err != nil {
		return nil, err
	}
	domains, err := end.get("domains").texts()
	if err != nil {
		return nil, err
	}
	if end.get("services").given() {
		return w.calicoService(r, end.get("services"))
	}
	selected := false
	for _, f := range []string{"selector", "notSelector", "namespaceSelector", "serviceAccounts"} {
		selected = selected || end.get(f).given()
	}
	var out []peer
	for _, d := range domains {
		out = append(out, peer{kind: named, name: strings.ToLower(d), path: end.path})
	}
	switch {
	case selected:
		ps, err := w.calicoSelected(r, end)
		r.unsure = r.unsure || len(nets)+len(notNets) > 0
		return append(out, ps...), err
	case len(nets) > 0:
		for _, n := range nets {
			out = append(out, calicoBlock(end.get("nets").path, n, notNets...))
		}
	case len(notNets) > 0:
		b := peer{kind: block, in: anywhere, out: notNets, inPods: coversPods(anywhere, notNets), path: end.get("notNets").path}
		out = append(out, b)
	case len(domains) == 0:
		out = []peer{{kind: everyone, path: x.path}}
	}
	return out, nil
}

// calicoBlock is a network without the parts of it that are left out.
func calicoBlock(path []any, n netip.Prefix, out ...netip.Prefix) peer {
	out = slices.DeleteFunc(slices.Clone(out), func(o netip.Prefix) bool { return !o.Overlaps(n) })
	in := []netip.Prefix{n}
	return peer{kind: block, in: in, out: out, inPods: coversPods(in, out), path: path}
}

// calicoSelected are pods, and sets of addresses, by selectors.
func (w *world) calicoSelected(r *rule, end value) ([]peer, error) {
	own := r.policy.namespace
	space, accounts := end.get("namespaceSelector"), end.get("serviceAccounts")
	if s, _ := space.v.(string); strings.TrimSpace(s) == "global()" { // sets of addresses, and nodes, which are in no namespace
		return append(w.calicoSets(end, "", true), peer{kind: named, name: "nodes", hosts: true, unsure: true, path: end.path}), nil
	}
	if !end.get("selector").given() && !space.given() && !accounts.given() { // a selector that only takes away is of no namespace
		not, err := calicoExpression(end.get("notSelector"), true)
		if err != nil {
			return nil, err
		}
		out := []peer{worldPeer(end.path)}
		for _, s := range not {
			p := peer{kind: pods, path: end.get("notSelector").path}
			p.calicoLabels(s, nil)
			out = append(out, p)
		}
		return out, nil
	}
	out, err := calicoPods(own, end.get("selector"), space, accounts.get("selector"))
	if err != nil {
		return nil, err
	}
	names, err := accounts.get("names").texts()
	if err != nil {
		return nil, err
	}
	if not := end.get("notSelector"); not.given() {
		if out, err = calicoWithout(out, not); err != nil {
			return nil, err
		}
	}
	if len(names) > 0 {
		all := out
		out = nil
		for _, p := range all {
			for _, n := range names {
				p.account = n
				out = append(out, p)
			}
		}
	}
	if !accounts.given() {
		out = append(out, w.calicoSets(end, own, false)...)
	}
	return out, nil
}

func calicoWithout(all []peer, not value) ([]peer, error) {
	spare, err := calicoExpression(not, true)
	if err != nil {
		return nil, err
	}
	var out []peer
	for _, p := range all {
		for _, s := range spare {
			q := peer{kind: pods}
			q.calicoLabels(s, nil)
			if both, ok := p.andPods(q); ok {
				out = append(out, both)
			}
			if len(out) > maxAlternatives {
				return nil, &unknownError{not.path, "the selectors have more than 256 alternatives: the policy is not in the graph"}
			}
		}
	}
	return out, nil
}

// calicoSets are the sets of addresses of the tree that selectors mean.
func (w *world) calicoSets(end value, own string, global bool) []peer {
	yes, err := calicoSelector(end.get("selector"))
	not, err2 := calicoExpression(end.get("notSelector"), true)
	if err != nil || err2 != nil {
		return nil
	}
	anySpace := end.get("namespaceSelector").given()
	var out []peer
	for _, set := range w.sets {
		matches := func(s selector) bool { return s.matches(set.labels) }
		if !slices.ContainsFunc(yes, matches) || !slices.ContainsFunc(not, matches) {
			continue
		}
		if inNamespace := set.namespace != ""; global && inNamespace || !global && (anySpace && !inNamespace || !anySpace && own != "" && set.namespace != own) {
			continue
		}
		for _, p := range set.peers {
			p.path, p.unsure = end.path, anySpace && !global
			out = append(out, p)
		}
	}
	return out
}

// calicoService is the pods of a Service.
func (w *world) calicoService(r *rule, x value) ([]peer, error) {
	name, err := x.get("name").text()
	if err != nil {
		return nil, err
	}
	ns, err := x.get("namespace").text()
	if err != nil {
		return nil, err
	}
	if ns == "" {
		ns = r.policy.namespace
	}
	r.unsure = true // only its ports are meant
	return []peer{{kind: named, name: ns + "/service:" + name, service: ns + "/" + name, unsure: true, path: x.path}}, nil
}

// calicoLocal reads what a rule asks of the end that its policy selects.
func (w *world) calicoLocal(r *rule, end value) error {
	asks := []string{"selector", "notSelector", "namespaceSelector", "serviceAccounts"}
	if err := end.only(append(asks, "nets", "notNets", "ports", "notPorts", "services", "domains")...); err != nil {
		return err
	}
	for _, f := range []string{"nets", "notNets", "services", "domains"} {
		r.unsure = r.unsure || end.get(f).given() // which pod has which address is not in the manifests
	}
	if !slices.ContainsFunc(asks, func(f string) bool { return end.get(f).given() }) {
		return nil
	}
	unsure := r.unsure
	who, err := w.calicoSelected(r, end)
	if err != nil {
		return err
	}
	r.unsure = unsure
	r.local = func(one *workload) (may, sure bool) { return anyPeer(who, one) }
	return nil
}

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
