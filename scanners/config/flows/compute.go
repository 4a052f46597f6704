// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"

	"github.com/sealock-dev/sealock/attest/predicate"
)

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
			if !from.isolated[1] && !to.isolated[0] && !to.auth.limited ||
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
