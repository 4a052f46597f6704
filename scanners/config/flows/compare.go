// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"fmt"
	"net/netip"
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

// covers reports that whatever an end of the graph is, the declared end means it.
func (m *comparison) covers(declared, actual string) bool {
	if declared == actual {
		return true
	}
	p, isEndpoint := m.c.endpoints[actual]
	inCluster := !isEndpoint || p.kind == pods
	if isEndpoint && p.account != "" { // the same pods, without saying as which account
		p.account = ""
		if declared == p.endpoint() {
			return true
		}
	}
	if ns, ok := strings.CutSuffix(declared, "/*"); ok {
		if isEndpoint {
			return inCluster && (ns == "*" || p.namespace == ns)
		}
		return ns == "*" || strings.HasPrefix(actual, ns+"/")
	}
	switch {
	case inCluster:
		return false
	case p.kind == block && declared == predicate.EndpointWorld:
		return true
	case p.kind == block:
		cidr, err := netip.ParsePrefix(declared)
		return err == nil && blockCovers([]netip.Prefix{cidr}, nil, p.in, nil)
	}
	return declared == predicate.EndpointWorld && strings.Contains(p.name, ".") && !strings.ContainsAny(p.name, "/:")
}

// meets reports that an end of the graph may be what is declared.
func (m *comparison) meets(declared, actual string) bool {
	if m.covers(declared, actual) {
		return true
	}
	p, isEndpoint := m.c.endpoints[actual]
	if !isEndpoint {
		return false
	}
	ns, rest, inCluster := strings.Cut(declared, "/")
	cidr, err := netip.ParsePrefix(declared)
	switch {
	case p.kind == block && err == nil:
		return slices.ContainsFunc(p.in, cidr.Overlaps)
	case p.kind == block:
		return declared == predicate.EndpointWorld || !inCluster && p.endpointKind() == predicate.EndpointWorld
	case p.kind != pods || !inCluster || err == nil || m.byName[declared] != nil:
		return false
	case p.namespace != "" && ns != "*" && p.namespace != ns:
		return false
	}
	return rest == "*" || len(p.pod) == 0 && p.account == "" || strings.HasSuffix(actual, "/"+rest)
}

// ports are the numbers that a declaration means for a destination, as spans.
func (m *comparison) ports(d declaration, to string, proto protocol) []span {
	if d.portName == "" {
		return []span{{lo: d.lo, hi: d.hi}}
	}
	out := []span{{name: d.portName}}
	for _, w := range m.byName[to] {
		for _, p := range w.ports {
			if p.name == d.portName && p.proto == proto {
				out = append(out, span{lo: p.number, hi: p.number})
			}
		}
	}
	return out
}

func rangeOf(f predicate.FlowPort) (lo, hi int) {
	switch {
	case f.Port == 0:
		return 1, 65535
	case f.EndPort == 0:
		return f.Port, f.Port
	}
	return f.Port, f.EndPort
}

func opOf(f predicate.Flow) op {
	o := op{allMethods(), allPaths()}
	if f.Methods != nil {
		o.m = methods{set: f.Methods}
	} else if len(f.ExceptMethods) > 0 {
		o.m = methods{true, f.ExceptMethods}
	}
	if f.Paths != nil {
		o.p.in = patterns(f.Paths)
	}
	o.p.out = patterns(f.ExceptPaths)
	return o
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

// impossible finds what of a declaration nothing allows.
func (m *comparison) impossible(d declaration, all []predicate.Flow) {
	if m.openPair(d) {
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
func (m *comparison) openPair(d declaration) bool {
	return slices.ContainsFunc(m.c.workloads, func(w *workload) bool { return !w.isolated[1] && m.covers(d.From, w.name) }) &&
		slices.ContainsFunc(m.c.workloads, func(w *workload) bool {
			return !w.isolated[0] && !w.auth.limited && m.covers(d.To, w.name)
		})
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
func (m *comparison) speaks(s side, d declaration, to *workload) bool {
	for _, proto := range d.protos {
		for _, have := range m.c.spans(s, proto, to) {
			for _, want := range m.ports(d, to.name, proto) {
				if want.name == "" && have.lo <= want.hi && have.hi >= want.lo {
					return true
				}
			}
		}
	}
	return false
}
