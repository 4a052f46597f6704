// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// impossible finds what of a declaration nothing allows.
func (m *comparison) impossible(d declaration, all []predicate.Flow) {
	if m.openPair(d, all) {
		return
	}
	var reach ops
	for _, f := range all {
		if !refused(f) && m.meets(d.From, f.From) && m.meets(d.To, f.To) && m.sharesPort(d, f) {
			reach = append(reach, opOf(f))
		}
	}
	diff := predicate.FlowDifference{Kind: predicate.FlowImpossible, From: d.From, To: d.To, Methods: d.Methods, Paths: d.Paths, FlowPort: d.wire(), Expected: d.text()}
	diff.Item, diff.Path = m.someone(d.To, d.From)
	if len(reach) == 0 {
		diff.Found = m.why(d)
		diff.Message = fmt.Sprintf("the declared flow from %s to %s (%s) is not possible: %s", d.From, d.To, d.text(), diff.Found)
		m.out = append(m.out, diff)
		return
	}
	diff.Methods = slices.DeleteFunc(slices.Clone(d.Methods), func(name string) bool { return reach.permit(methods{set: []string{name}}, d.op.p) })
	diff.Paths = slices.DeleteFunc(slices.Clone(d.Paths), func(p string) bool { return reach.permit(d.op.m, paths{in: []pattern{pattern(p)}}) })
	if len(diff.Methods)+len(diff.Paths) == 0 && reach.permit(d.op.m, d.op.p) {
		return
	}
	var say []string
	for _, o := range reach.canonical() {
		only, but := wireMethods(o.m)
		say = append(say, strings.TrimPrefix(requestText(only, but, wirePaths(o.p.in), texts(o.p.out)), ", "))
	}
	diff.Found = strings.Join(say, "; ")
	missing := strings.Join(append(slices.Clone(diff.Methods), diff.Paths...), ", ")
	diff.Message = fmt.Sprintf("the declared flow from %s to %s (%s) is not possible as it stands: the policies don't allow %s, only %s", d.From, d.To, d.text(), missing, diff.Found)
	m.out = append(m.out, diff)
}

// permit reports that some request with these methods on these paths may pass.
func (o ops) permit(ms methods, ps paths) bool {
	return slices.ContainsFunc(o, func(a op) bool { return !a.m.and(ms).empty() && len(a.p.and(ps).in) > 0 })
}

func (d declaration) wire() predicate.FlowPort {
	proto := d.Protocol
	if proto == "" {
		proto = tcp.String()
	}
	return flowPort(proto, d.lo, d.hi, d.portName)
}

// openPair reports that the declaration has a source and a destination in the tree between which nothing stands.
func (m *comparison) openPair(d declaration, all []predicate.Flow) bool {
	if i, j := m.index(d.From), m.index(d.To); i >= 0 && j >= 0 && len(m.byName[d.From])+len(m.byName[d.To]) == 2 {
		segments, err := m.c.between(i, j)
		return err == nil && slices.ContainsFunc(segments, func(s segment) bool { return s.open && len(s.auth) == 0 && m.shares(d, s, d.To) })
	}
	unnamed := func(f predicate.Flow, declared, end, other string) bool {
		return m.byName[end] != nil && m.covers(declared, end) && other == (peer{kind: pods}).endpoint() && m.sharesPort(d, f)
	}
	return slices.ContainsFunc(all, func(f predicate.Flow) bool { return unnamed(f, d.From, f.From, f.To) }) &&
		slices.ContainsFunc(all, func(f predicate.Flow) bool { return !refused(f) && unnamed(f, d.To, f.To, f.From) })
}

// shares reports that a segment has ports of a declaration.
func (m *comparison) shares(d declaration, s segment, to string) bool {
	return !s.refused && m.sharesPort(d, predicate.Flow{To: to, FlowPort: flowPort(s.proto.String(), s.lo, s.hi, s.name)})
}

func (m *comparison) sharesPort(d declaration, f predicate.Flow) bool {
	lo, hi := rangeOf(f.FlowPort)
	for _, proto := range protocolsOf(f.Protocol) {
		if !slices.Contains(d.protos, proto) {
			continue
		}
		for _, s := range m.ports(d, f.To, proto) {
			switch {
			case f.PortName != "" || s.name != "": // a name outside the tree may be any number
				if f.PortName == s.name || f.PortName == "" && lo == 1 && hi == 65535 || s.name == "" && m.byName[f.To] == nil {
					return true
				}
			case s.lo <= hi && s.hi >= lo:
				return true
			}
		}
	}
	return false
}

// why says which end does not allow a declared flow.
func (m *comparison) why(d declaration) string {
	for _, end := range []string{d.From, d.To} {
		ns, rest, ok := strings.Cut(end, "/")
		if ok && rest != "*" && !strings.ContainsAny(rest, "=:(!") && m.byName[end] == nil && m.c.namespaces[ns] != nil && m.c.namespaces[ns].has(m.c.workloads) {
			return fmt.Sprintf("the manifests have no workload %s", end)
		}
	}
	from, to := m.index(d.From), m.index(d.To)
	switch {
	case from >= 0 && to >= 0:
		out, in := m.c.sides(from, to)
		if !m.speaks(out, d, m.c.workloads[to]) {
			return fmt.Sprintf("no egress rule of the policies of %s allows it", d.From)
		}
		if !m.speaks(in, d, m.c.workloads[to]) {
			return fmt.Sprintf("no ingress rule of the policies of %s allows it", d.To)
		}
		return fmt.Sprintf("the AuthorizationPolicies of %s don't allow it", d.To)
	case to >= 0:
		return fmt.Sprintf("neither an ingress rule nor an AuthorizationPolicy of %s lets it in", d.To)
	case from >= 0:
		return fmt.Sprintf("no egress rule of the policies of %s allows it", d.From)
	}
	return "no policy allows it"
}

func (n *namespace) has(l []*workload) bool {
	return slices.ContainsFunc(l, func(w *workload) bool { return w.namespace == n })
}

func (m *comparison) index(name string) int {
	return slices.IndexFunc(m.c.workloads, func(w *workload) bool { return w.name == name })
}

// speaks reports that one end allows some port of a declaration.
func (m *comparison) speaks(end levels, d declaration, to *workload) bool {
	segments, err := m.c.connect(end, nil, to, identity{pod: true}, nil)
	return err == nil && slices.ContainsFunc(segments, func(s segment) bool {
		s.refused = false // that is for its AuthorizationPolicies to say
		return m.shares(d, s, to.name)
	})
}
