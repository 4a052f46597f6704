// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// declaration is a declared flow, read.
type declaration struct {
	Declared
	protos   []protocol
	lo, hi   int
	portName string
	op       op
}

// comparison holds a graph against declarations.
type comparison struct {
	c        *computation
	byName   map[string][]*workload
	declared []declaration
	out      []predicate.FlowDifference
}

func compare(c *computation, g *predicate.FlowGraph, declared []Declared) []predicate.FlowDifference {
	m := &comparison{c: c, byName: map[string][]*workload{}, out: []predicate.FlowDifference{}}
	if len(c.workloads) == 0 {
		return m.out
	}
	for _, w := range c.workloads {
		m.byName[w.name] = append(m.byName[w.name], w)
	}
	for _, d := range declared {
		m.declared = append(m.declared, readDeclared(d))
	}
	for _, f := range g.Flows {
		m.undeclared(f)
	}
	for _, d := range m.declared {
		m.impossible(d, g.Flows)
	}
	return m.out
}

func readDeclared(d Declared) declaration {
	r := declaration{Declared: d, protos: protocolsOf(d.Protocol), op: op{allMethods(), allPaths()}}
	r.lo, r.hi, r.portName, _ = d.Ports() // checked before
	if len(d.Methods) > 0 {
		r.op.m = methods{set: union(d.Methods, nil)}
	}
	if len(d.Paths) > 0 {
		r.op.p = paths{in: patterns(d.Paths)}
	}
	return r
}

func patterns(l []string) []pattern {
	out := make([]pattern, len(l))
	for i, s := range l {
		out[i] = pattern(s)
	}
	return out
}

func protocolsOf(name string) []protocol {
	switch name {
	case "any":
		return []protocol{tcp, udp, sctp, other}
	case "UDP":
		return []protocol{udp}
	case "SCTP":
		return []protocol{sctp}
	case "other":
		return []protocol{other}
	}
	return []protocol{tcp}
}

// undeclared finds what of a flow no declaration covers.
func (m *comparison) undeclared(f predicate.Flow) {
	var between []declaration
	for _, d := range m.declared {
		if m.covers(d.From, f.From) && m.covers(d.To, f.To) {
			between = append(between, d)
		}
	}
	var left []segment
	for _, proto := range protocolsOf(f.Protocol) {
		left = append(left, m.left(f, proto, between)...)
	}
	left = joined(left)
	if all := wholeOf(left); all != nil {
		left = []segment{*all}
	}
	for _, s := range left {
		for _, o := range s.ops {
			m.report(f, flowPort(s.proto.String(), s.lo, s.hi, s.name), o, between)
		}
	}
}

// refused reports that a connection may be opened and then nothing asked.
func refused(f predicate.Flow) bool { return f.Methods != nil && len(f.Methods) == 0 }

// left is the ports of a flow, and the requests there, that no declaration covers.
func (m *comparison) left(f predicate.Flow, proto protocol, between []declaration) []segment {
	lo, hi := rangeOf(f.FlowPort)
	hi = min(hi, max(lo, proto.last()))
	if proto == other {
		lo, hi = 1, 1
	}
	type claim struct {
		spans []span
		op    op
	}
	cuts := []int{lo, hi + 1}
	var claims []claim
	for _, d := range between {
		if !slices.Contains(d.protos, proto) {
			continue
		}
		c := claim{m.ports(d, f.To, proto), d.op}
		claims = append(claims, c)
		for _, s := range c.spans {
			for _, at := range []int{s.lo, s.hi + 1} {
				if s.name == "" && at > lo && at <= hi {
					cuts = append(cuts, at)
				}
			}
		}
	}
	slices.Sort(cuts)
	cuts = slices.Compact(cuts)
	if f.PortName != "" {
		cuts = []int{0, 1}
	}
	var out []segment
	for i := range len(cuts) - 1 {
		s := segment{proto: proto, lo: cuts[i], hi: cuts[i+1] - 1, name: f.PortName, ops: ops{opOf(f)}, refused: refused(f)}
		if s.refused {
			s.ops = anything()
		}
		for _, c := range claims {
			if slices.ContainsFunc(c.spans, func(x span) bool {
				all := x.name == "" && x.lo == 1 && x.hi == 65535
				return all || x.name == s.name && x.lo <= s.lo && x.hi >= s.hi
			}) {
				if s.ops = s.ops.without(c.op); s.refused { // whatever is declared of requests, the connection is
					s.ops = nil
				}
			}
		}
		if s.ops = s.ops.canonical(); len(s.ops) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func (m *comparison) report(f predicate.Flow, at predicate.FlowPort, o op, between []declaration) {
	d := predicate.FlowDifference{Kind: predicate.FlowUndeclared, From: f.From, To: f.To, FlowPort: at}
	var but []string
	d.Methods, but = wireMethods(o.m)
	d.Paths = wirePaths(o.p.in)
	d.Item, d.Path = m.place(f)
	d.Found = portText(at) + requestText(d.Methods, but, d.Paths, texts(o.p.out))
	if refused(f) {
		d.Methods, d.Paths = []string{}, []string{}
		d.Found = portText(at) + ", though AuthorizationPolicies let no request pass"
	}
	d.Expected = fmt.Sprintf("no flow from %s to %s", f.From, f.To)
	why := "no flow between them is declared"
	if len(between) > 0 {
		var say []string
		for _, b := range between[:min(len(between), 5)] {
			say = append(say, b.text())
		}
		d.Expected = strings.Join(say, "; ")
		why = "declared is only " + d.Expected
	}
	d.Message = fmt.Sprintf("%s may connect to %s: %s; %s", f.From, f.To, d.Found, why)
	m.out = append(m.out, d)
}

// place is where to look at a flow: what limits requests, else what lets it in, else what lets it out, else who is open.
func (m *comparison) place(f predicate.Flow) (int, []any) {
	if n := len(f.Via); n > 0 {
		return f.Via[n-1].Item, f.Via[n-1].Path
	}
	return m.someone(f.To, f.From)
}

// someone is the first of some workloads that is in the tree.
func (m *comparison) someone(names ...string) (int, []any) {
	for _, n := range names {
		if l := m.byName[n]; len(l) > 0 {
			return l[0].item, l[0].path
		}
	}
	return m.c.workloads[0].item, m.c.workloads[0].path
}

func portText(p predicate.FlowPort) string {
	switch {
	case p.Protocol == "any" && p.Port == 0 && p.PortName == "":
		return "any port"
	case p.PortName != "":
		return p.Protocol + " " + p.PortName
	case p.Protocol == other.String():
		return "protocols without ports"
	case p.Port == 0:
		return "any " + p.Protocol + " port"
	case p.EndPort != 0:
		return fmt.Sprintf("%s %d-%d", p.Protocol, p.Port, p.EndPort)
	}
	return fmt.Sprintf("%s %d", p.Protocol, p.Port)
}

func requestText(methods, butMethods, paths, butPaths []string) string {
	text := ""
	switch {
	case len(methods) > 0:
		text = strings.Join(methods, ", ")
	case len(butMethods) > 0:
		text = "any method but " + strings.Join(butMethods, ", ")
	case len(paths)+len(butPaths) == 0:
		return ""
	default:
		text = "any method"
	}
	switch {
	case len(paths) > 0:
		text += " on " + strings.Join(paths, ", ")
	default:
		text += " on any path"
	}
	if len(butPaths) > 0 {
		text += " but " + strings.Join(butPaths, ", ")
	}
	return ", " + text
}

// text is a declaration without its ends.
func (d declaration) text() string {
	proto := d.Protocol
	if proto == "" {
		proto = tcp.String()
	}
	return portText(flowPort(proto, d.lo, d.hi, d.portName)) + requestText(d.Methods, nil, d.Paths, nil)
}
