// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"
	"strconv"
	"strings"
)

func (r *rule) ciliumPorts(x value) error {
	lists, err := x.get("toPorts").list()
	if err != nil {
		return err
	}
	for _, l := range lists {
		requests, err := ciliumHTTP(l.get("rules", "http"))
		if err != nil {
			return err
		}
		entries, err := l.get("ports").list()
		if err != nil {
			return err
		}
		for _, e := range entries {
			p, err := ciliumPort(e)
			if err != nil {
				return err
			}
			p.ops = requests
			r.ports = append(r.ports, p)
		}
		if len(entries) == 0 {
			r.ports = append(r.ports, port{protos: []protocol{tcp, udp, sctp}, lo: 1, hi: 65535, ops: requests})
		}
	}
	icmp, err := x.get("icmps").list()
	if err != nil {
		return err
	}
	if len(icmp) > 0 {
		r.unsure = r.action == deny // some of its types
		r.ports = append(r.ports, port{protos: []protocol{other}, lo: 1, hi: 1})
	}
	return nil
}

func ciliumPort(x value) (port, error) {
	protos, err := readProtocol(x.get("protocol"), true)
	if err != nil {
		return port{}, err
	}
	p := port{protos: protos, lo: 1, hi: 65535}
	num := x.get("port")
	text, isText := num.v.(string)
	n, isNumber := num.number()
	if isText {
		if n, err = strconv.Atoi(text); err == nil {
			isNumber = true
		}
	}
	switch {
	case isNumber && n == 0: // any port
		return p, nil
	case isNumber && n > 0 && n <= 65535:
		p.lo, p.hi = n, n
		if end, ok := x.get("endPort").number(); ok && end != 0 {
			if end < n || end > 65535 {
				return p, x.get("endPort").wrong("expected a port of %d to 65535", n)
			}
			p.hi = end
		}
	case isText && !isNumber && text != "":
		p.lo, p.hi, p.name = 0, 0, strings.ToLower(text)
	default:
		return p, num.wrong("expected a port of 0 to 65535 or a port's name")
	}
	return p, nil
}

// ciliumHTTP reads rules for HTTP; none means any request.
func ciliumHTTP(x value) (ops, error) {
	l, err := x.list()
	if err != nil || len(l) == 0 {
		return nil, err
	}
	var out ops
	for _, e := range l {
		method, err := e.get("method").text()
		if err != nil {
			return nil, err
		}
		path, err := e.get("path").text()
		if err != nil {
			return nil, err
		}
		out = append(out, op{regexMethods(method), paths{in: []pattern{regexPattern(path)}}})
	}
	return out.canonical(), nil
}

// regexMethods is the methods of an expression, if it only lists them; else any.
func regexMethods(expr string) methods {
	text := strings.TrimSuffix(strings.TrimPrefix(expr, "^"), "$")
	text = strings.TrimSuffix(strings.TrimPrefix(text, "("), ")")
	names := strings.Split(text, "|")
	for _, n := range names {
		if n == "" || strings.Trim(n, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return allMethods()
		}
	}
	slices.Sort(names)
	return methods{set: slices.Compact(names)}
}
