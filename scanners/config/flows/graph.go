// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// emit adds segments as flows.
func (c *computation) emit(from, to string, segments []segment) error {
	if all := wholeOf(segments); all != nil {
		segments = []segment{*all}
	}
	for _, s := range segments {
		if s.refused {
			c.add(predicate.Flow{From: from, To: to, FlowPort: flowPort(s.proto.String(), s.lo, s.hi, s.name), Methods: []string{}, Paths: []string{}, Via: c.via(s)})
		}
		for _, o := range s.ops {
			f := predicate.Flow{From: from, To: to, FlowPort: flowPort(s.proto.String(), s.lo, s.hi, s.name), Via: c.via(s)}
			f.Methods, f.ExceptMethods = wireMethods(o.m)
			f.Paths, f.ExceptPaths = wirePaths(o.p.in), texts(o.p.out)
			c.add(f)
		}
		if len(c.flows) > MaxFlows {
			return &LimitError{"flows", MaxFlows}
		}
	}
	return nil
}

// wholeOf makes one segment of the same rules for all ports of all protocols.
func wholeOf(l []segment) *segment {
	if len(l) != int(protocols) {
		return nil
	}
	for i, s := range l {
		if s.proto != protocol(i) || s.lo != 1 || s.hi != s.proto.last() || !s.ops.any() || len(s.auth) > 0 || s.refused || s.name != "" {
			return nil
		}
	}
	all := l[0]
	for _, s := range l[1:] {
		all.via = merged(all.via, s.via)
	}
	all.proto, all.hi = protocols, 65535
	return &all
}

func wireMethods(m methods) (only, except []string) {
	switch {
	case !m.not:
		return m.set, nil
	case len(m.set) == 0:
		return nil, nil
	}
	return nil, m.set
}

func wirePaths(in []pattern) []string {
	if len(in) == 1 && in[0] == anyPath {
		return nil
	}
	return texts(in)
}

func texts(l []pattern) []string {
	var out []string
	for _, p := range l {
		out = append(out, string(p))
	}
	return out
}

func (c *computation) via(s segment) []predicate.FlowVia {
	out := []predicate.FlowVia{}
	egress := func(r int) bool { return c.table[r].Direction == "egress" }
	network := merged(s.via, nil)
	slices.SortStableFunc(network, func(a, b int) int { return cmp.Compare(b2i(egress(b)), b2i(egress(a))) })
	for _, r := range append(network, merged(s.auth, nil)...) {
		out = append(out, predicate.FlowVia{Item: c.table[r].Item, Path: c.table[r].Path})
	}
	return out
}

func b2i(b bool) int {
	if b {
		return 1
	}
	return 0
}

// add notes a flow; the same flow between workloads of the same name is one.
func (c *computation) add(f predicate.Flow) {
	key := flowKey(f)
	if i, ok := c.seen[key]; ok {
		for _, v := range f.Via {
			if !slices.ContainsFunc(c.flows[i].Via, func(w predicate.FlowVia) bool { return w.Item == v.Item && samePath(w.Path, v.Path) }) {
				c.flows[i].Via = append(c.flows[i].Via, v)
			}
		}
		return
	}
	c.seen[key] = len(c.flows)
	c.flows = append(c.flows, f)
}

func samePath(a, b []any) bool { return slices.Equal(a, b) }

func flowKey(f predicate.Flow) string {
	list := func(l []string) string {
		if l != nil && len(l) == 0 {
			return "\x01"
		}
		return strings.Join(l, "\x01")
	}
	return strings.Join([]string{f.From, f.To, f.Protocol, pad(f.Port), pad(f.EndPort), f.PortName, list(f.Methods), list(f.ExceptMethods), list(f.Paths), list(f.ExceptPaths)}, "\x00")
}

func pad(n int) string {
	digits := []byte("00000")
	for i := len(digits) - 1; n > 0 && i >= 0; i-- {
		digits[i] = byte('0' + n%10)
		n /= 10
	}
	return string(digits)
}

// graph is the result in its final order.
func (c *computation) graph() *predicate.FlowGraph {
	g := &predicate.FlowGraph{Workloads: []predicate.FlowWorkload{}, Endpoints: []predicate.FlowEndpoint{}, Rules: []predicate.FlowRule{}, Flows: []predicate.Flow{},
		Unread: []predicate.FlowFault{}}
	for _, w := range c.workloads {
		g.Workloads = append(g.Workloads, w.wire())
	}
	for _, name := range sortedKeys(c.endpoints) {
		p := c.endpoints[name]
		e := predicate.FlowEndpoint{Name: name, Kind: p.endpointKind(), Labels: p.pod.sure(), NamespaceLabels: p.ns.sure()}
		if p.namespace != "" {
			e.NamespaceLabels[nameLabel] = p.namespace
			if n := c.namespaces[p.namespace]; n != nil && len(n.labels) > 0 {
				maps.Copy(e.NamespaceLabels, n.labels[0])
			}
		}
		g.Endpoints = append(g.Endpoints, e)
	}
	g.Rules = append(g.Rules, c.table...)
	g.Flows = append(g.Flows, c.flows...)
	g.Unread = append(g.Unread, c.unread...)
	slices.SortFunc(g.Flows, func(a, b predicate.Flow) int { return strings.Compare(flowKey(a), flowKey(b)) })
	return g
}
