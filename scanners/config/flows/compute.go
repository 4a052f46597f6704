// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

// bits is a set of workloads.
type bits []uint64

func newBits(n int) bits      { return make(bits, (n+63)/64) }
func (b bits) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bits) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }
func (b bits) add(other bits) {
	for i := range b {
		b[i] |= other[i]
	}
}

// bind finds out which policies hold for which workloads, and which workloads are whose peers.
func (w *world) bind() error {
	if w.parts*len(w.workloads) > maxWork {
		return &LimitError{"comparisons of rules with workloads", maxWork}
	}
	for _, p := range w.policies {
		w.bindPolicy(p)
	}
	for _, a := range w.auths {
		w.bindAuth(a)
	}
	return nil
}

func (w *world) bindPolicy(p *policy) {
	first := len(w.rules)
	w.rules = append(w.rules, p.rules...)
	for i := range p.rules {
		w.holds = append(w.holds, w.peersOf(&p.rules[i]))
	}
	selected := make([]int, len(p.rules))
	for _, one := range w.workloads {
		may, sure := p.selects(one)
		if !may {
			continue
		}
		for dir, yes := range p.isolates {
			one.isolated[dir] = one.isolated[dir] || yes && sure
		}
		for i, r := range p.rules {
			list := one.rules(r.egress, r.deny)
			if !r.deny || sure {
				*list = append(*list, first+i)
				selected[i]++
			}
		}
	}
	for i, r := range p.rules {
		w.table = append(w.table, r.wire(selected[i]))
	}
}

func (w *workload) rules(egress, deny bool) *[]int {
	switch {
	case egress && deny:
		return &w.outDeny
	case egress:
		return &w.out
	case deny:
		return &w.inDeny
	}
	return &w.in
}

func (w *world) peersOf(r *rule) bits {
	b := newBits(len(w.workloads))
	for i, one := range w.workloads {
		for _, p := range r.peers {
			if r.deny && p.surely(one) || !r.deny && p.holds(one) {
				b.set(i)
				break
			}
		}
	}
	return b
}

func (w *world) bindAuth(a *authPolicy) {
	selected := 0
	for _, one := range w.workloads {
		if one.mesh.none || !a.selects(one) {
			continue
		}
		selected++
		if a.deny {
			one.auth.deny = append(one.auth.deny, a.rules...)
		} else {
			one.auth.limited = true
			one.auth.allow = append(one.auth.allow, a.rules...)
		}
	}
	effect := "allow"
	if a.deny {
		effect = "deny"
	}
	for _, r := range a.rules {
		r.index = len(w.table)
		w.table = append(w.table, predicate.FlowRule{Item: a.policy.item, Path: r.path, Policy: a.policy.name, Direction: "authorization", Effect: effect, Selects: selected,
			Peers: []predicate.FlowPeer{}, Ports: []predicate.FlowPort{}})
	}
}

func (r *rule) wire(selected int) predicate.FlowRule {
	out := predicate.FlowRule{Item: r.policy.item, Path: r.path, Policy: r.policy.name, Direction: "ingress", Effect: "allow", Selects: selected,
		Peers: []predicate.FlowPeer{}, Ports: []predicate.FlowPort{}}
	if r.egress {
		out.Direction = "egress"
	}
	if r.deny {
		out.Effect = "deny"
	}
	for _, p := range r.peers {
		out.Peers = append(out.Peers, p.wire())
	}
	for _, p := range r.ports {
		out.Ports = append(out.Ports, p.wire()...)
	}
	return out
}

// computation makes the flows.
type computation struct {
	*world
	endpoints map[string]peer
	flows     []predicate.Flow
	seen      map[string]int // flows by what they are, without their rules
	pairs     int
}

// side is what one end says.
type side struct {
	open  bool
	allow []int
	deny  []int
}

func (c *computation) run() error {
	c.seen = map[string]int{}
	masks := make([][2]bits, len(c.workloads))
	for i, w := range c.workloads {
		masks[i] = [2]bits{c.mask(w.in), c.mask(w.out)}
	}
	for j, to := range c.workloads {
		for i, from := range c.workloads {
			if !(from.isolated[1] || to.isolated[0] || to.auth.limited) ||
				to.isolated[0] && !masks[j][0].has(i) || from.isolated[1] && !masks[i][1].has(j) {
				continue
			}
			if err := c.pair(i, j); err != nil {
				return err
			}
		}
	}
	for i := range c.workloads {
		if err := c.outside(i); err != nil {
			return err
		}
	}
	return nil
}

func (c *computation) mask(rules []int) bits {
	b := newBits(len(c.workloads))
	for _, r := range rules {
		b.add(c.holds[r])
	}
	return b
}

// sides are what the two ends of a pair of workloads say to each other.
func (c *computation) sides(i, j int) (out, in side) {
	from, to := c.workloads[i], c.workloads[j]
	about := func(rules []int, who int) []int {
		return slices.DeleteFunc(slices.Clone(rules), func(r int) bool { return !c.holds[r].has(who) })
	}
	out = side{!from.isolated[1], about(from.out, j), about(from.outDeny, j)}
	in = side{!to.isolated[0], about(to.in, i), about(to.inDeny, i)}
	return out, in
}

func (c *computation) pair(i, j int) error {
	from, to := c.workloads[i], c.workloads[j]
	id := identity{pod: true, outcast: from.mesh.none, namespace: from.namespace.name, account: from.account}
	if !from.isolated[1] && !to.isolated[0] && !slices.ContainsFunc(to.auth.allow, func(r *authRule) bool { return r.from(id) != no }) {
		return nil
	}
	if c.pairs++; c.pairs > maxPairs {
		return &LimitError{"pairs of workloads that policies bear on", maxPairs}
	}
	out, in := c.sides(i, j)
	segments, err := c.connect(out, in, to, id)
	if err != nil {
		return err
	}
	if out.open && in.open { // beside what the proxy guards, the open ends stand for it
		segments = slices.DeleteFunc(segments, func(s segment) bool { return s.proto != tcp || len(s.auth) == 0 })
	}
	return c.emit(from.name, to.name, segments)
}

// naming is an endpoint and the rules that name it.
type naming struct {
	peer peer
	open bool
	in   []int
}

// outside makes the flows between a workload and endpoints.
func (c *computation) outside(i int) error {
	w := c.workloads[i]
	for dir, rules := range [][]int{w.in, w.out} {
		groups := c.groups(rules, !w.isolated[dir])
		denies := [][]int{w.inDeny, w.outDeny}[dir]
		for _, name := range sortedKeys(groups) {
			g := groups[name]
			mine := side{g.open, g.in, slices.DeleteFunc(slices.Clone(denies), func(r int) bool {
				return !slices.ContainsFunc(c.rules[r].peers, func(p peer) bool { return p.contains(g.peer) })
			})}
			if err := c.toEndpoint(w, g.peer, mine, dir == 1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *computation) groups(rules []int, open bool) map[string]*naming {
	groups := map[string]*naming{}
	add := func(p peer, rule int) {
		for _, e := range p.ends() {
			if c.isTree(e) {
				continue
			}
			name := e.endpoint()
			if groups[name] == nil {
				groups[name] = &naming{peer: e}
			}
			if rule < 0 {
				groups[name].open = true
			} else if !slices.Contains(groups[name].in, rule) {
				groups[name].in = append(groups[name].in, rule)
			}
		}
	}
	if open {
		add(peer{kind: everyone}, -1)
		return groups
	}
	for _, r := range rules {
		for _, p := range c.rules[r].peers {
			add(p, r)
		}
	}
	return groups
}

// isTree reports that a peer is in a namespace it names, and either workloads of the tree are meant, or there can be none.
func (c *computation) isTree(p peer) bool {
	if p.kind != pods || p.namespace == "" {
		return false
	}
	if n := c.namespaces[p.namespace]; n != nil && n.known && !n.may(p.ns) {
		return true
	}
	key := p.endpoint() + "\x00" + p.ns.String()
	found, ok := c.inTree[key]
	if !ok {
		found = slices.ContainsFunc(c.workloads, p.holds)
		c.inTree[key] = found
	}
	return found
}

func (c *computation) toEndpoint(w *workload, p peer, mine side, egress bool) error {
	name, open := p.endpoint(), side{open: true}
	if egress {
		segments, err := c.connect(mine, open, nil, identity{})
		if err == nil && len(segments) > 0 {
			c.endpoints[name] = p
			err = c.emit(w.name, name, segments)
		}
		return err
	}
	callers := []peer{p}
	if w.auth.limited && p.kind == pods && p.namespace == "" {
		callers = append(callers, c.callers(w, p)...)
	}
	for _, caller := range callers {
		id := identity{pod: caller.kind == pods, namespace: caller.namespace, account: caller.account, in: caller.in, out: caller.out}
		id.generic = id.pod && id.namespace == ""
		segments, err := c.connect(open, mine, w, id)
		if err != nil {
			return err
		}
		if caller.namespace != p.namespace { // only what the proxy lets this one have beside
			segments = slices.DeleteFunc(segments, func(s segment) bool { return len(s.auth) == 0 })
		}
		if len(segments) == 0 {
			continue
		}
		c.endpoints[caller.endpoint()] = caller
		if err := c.emit(caller.endpoint(), w.name, segments); err != nil {
			return err
		}
	}
	return nil
}

// callers are those that the AuthorizationPolicies of a workload name, among pods that may be anywhere.
func (c *computation) callers(w *workload, p peer) []peer {
	byName := map[string]peer{}
	for _, r := range w.auth.allow {
		for _, who := range r.named {
			one := p
			one.namespace, one.account = who.namespace, who.account
			known := slices.ContainsFunc(c.workloads, func(t *workload) bool {
				return t.namespace.name == who.namespace && (who.account == "" || who.account == t.account)
			})
			if !known && !c.isTree(one) { // those of the tree have flows of their own
				byName[one.endpoint()] = one
			}
		}
	}
	var out []peer
	for _, k := range sortedKeys(byName) {
		out = append(out, byName[k])
	}
	return out
}

// segment is ports of one protocol that are open, for what, and by which rules.
type segment struct {
	proto  protocol
	lo, hi int
	name   string
	ops    ops
	via    []int // rules of network policies, then of authorization policies, as indexes into the table
	auth   []int

	refused bool // a connection may be opened, but AuthorizationPolicies let no request pass
}

// connect is what both ends allow. to is nil outside the tree.
func (c *computation) connect(out, in side, to *workload, id identity) ([]segment, error) {
	var all []segment
	for proto := range protocols {
		o, i := c.spans(out, proto, to), c.spans(in, proto, to)
		if len(o) == 0 || len(i) == 0 {
			continue
		}
		deny := append(c.denied(out, proto, to), c.denied(in, proto, to)...)
		guarded := proto == tcp && to != nil && (to.auth.limited || len(to.auth.deny) > 0)
		cuts := cutsOf(proto, o, i, deny)
		if guarded {
			cuts = guardCuts(cuts, to)
		}
		if len(cuts) > maxCuts {
			return nil, &LimitError{"ranges of ports between two ends", maxCuts}
		}
		for k := range len(cuts) - 1 {
			s := segment{proto: proto, lo: cuts[k], hi: cuts[k+1] - 1}
			if !s.fill(o, i, deny) {
				continue
			}
			if guarded {
				s.guard(to, id)
			}
			all = append(all, s)
			if len(s.ops) > maxOps {
				return nil, &LimitError{"different requests of one flow", maxOps}
			}
		}
		all = append(all, namedSegments(proto, o, i, deny)...)
	}
	return joined(all), nil
}

func (c *computation) spans(s side, proto protocol, to *workload) []span {
	if s.open {
		return []span{{1, proto.last(), "", anything(), -1}}
	}
	var out []span
	for _, r := range s.allow {
		out = append(out, resolve(c.rules[r].ports, c.rules[r].allPorts, proto, to, r)...)
	}
	return out
}

func (c *computation) denied(s side, proto protocol, to *workload) []span {
	var out []span
	for _, r := range s.deny {
		out = append(out, resolve(c.rules[r].ports, c.rules[r].allPorts, proto, to, r)...)
	}
	return out
}

// cutsOf are the ports at which the answer may change, and the one behind the last.
func cutsOf(proto protocol, lists ...[]span) []int {
	cuts := []int{1, proto.last() + 1}
	for _, l := range lists {
		for _, s := range l {
			if s.name == "" {
				cuts = append(cuts, s.lo, s.hi+1)
			}
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

func guardCuts(cuts []int, to *workload) []int {
	for _, p := range append(append(to.auth.cuts(), to.mesh.only...), to.mesh.excluded...) {
		if p >= 1 && p <= 65535 {
			cuts = append(cuts, p, p+1)
		}
	}
	slices.Sort(cuts)
	return slices.Compact(cuts)
}

// fill finds what the spans allow of a segment; false if nothing.
func (s *segment) fill(out, in, deny []span) bool {
	covers := func(x span) bool { return x.name == s.name && x.lo <= s.lo && x.hi >= s.hi }
	if slices.ContainsFunc(deny, covers) {
		return false
	}
	o, viaOut := allowed(out, covers)
	i, viaIn := allowed(in, covers)
	s.ops = o.and(i)
	s.via = append(viaOut, viaIn...)
	return len(s.ops) > 0
}

func allowed(spans []span, covers func(span) bool) (o ops, via []int) {
	for _, x := range spans {
		if covers(x) {
			o = append(o, x.ops...)
			if x.rule >= 0 {
				via = append(via, x.rule)
			}
		}
	}
	return o.canonical(), via
}

// guard leaves of a segment what the proxy of the destination lets a caller ask.
func (s *segment) guard(to *workload, id identity) {
	if !to.mesh.at(s.lo) {
		return
	}
	may, via := to.auth.narrow(id, s.lo)
	if s.ops, s.auth = s.ops.and(may), via; len(s.ops) == 0 {
		s.auth, s.refused = nil, true
	}
}

// namedSegments are ports that only the pods outside the tree know the numbers of.
func namedSegments(proto protocol, out, in, deny []span) []segment {
	var all []segment
	names := map[string]bool{}
	for _, x := range append(slices.Clone(out), in...) {
		if x.name != "" {
			names[x.name] = true
		}
	}
	whole := func(l []span) []span { // all ports are those too
		l = slices.Clone(l)
		for i, x := range l {
			if x.name == "" && x.lo == 1 && x.hi == proto.last() {
				l[i].name = "*"
			}
		}
		return l
	}
	out, in, deny = whole(out), whole(in), whole(deny)
	for _, name := range sortedKeys(names) {
		s := segment{proto: proto, name: name}
		covers := func(x span) bool { return x.name == name || x.name == "*" }
		o, viaOut := allowed(out, covers)
		i, viaIn := allowed(in, covers)
		s.ops, s.via = o.and(i), append(viaOut, viaIn...)
		if len(s.ops) > 0 && !slices.ContainsFunc(deny, covers) && !slices.ContainsFunc(all, func(a segment) bool { return a.name == name }) {
			all = append(all, s)
		}
	}
	return all
}

// joined makes one segment of neighbours that allow the same.
func joined(all []segment) []segment {
	var out []segment
	for _, s := range all {
		if n := len(out) - 1; n >= 0 && s.name == "" && out[n].name == "" && out[n].proto == s.proto && out[n].hi+1 == s.lo && out[n].ops.key() == s.ops.key() &&
			out[n].refused == s.refused && (len(out[n].auth) == 0) == (len(s.auth) == 0) {
			out[n].hi = s.hi
			out[n].via, out[n].auth = merged(out[n].via, s.via), merged(out[n].auth, s.auth)
			continue
		}
		out = append(out, s)
	}
	return out
}

func merged(a, b []int) []int {
	l := append(slices.Clone(a), b...)
	slices.Sort(l)
	return slices.Compact(l)
}

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
	if m.not {
		return nil, m.set
	}
	return m.set, nil
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
