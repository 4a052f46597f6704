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

func (c *computation) run() error {
	c.seen = map[string]int{}
	masks := make([][2]bits, len(c.workloads))
	for i, w := range c.workloads {
		masks[i] = [2]bits{c.mask(w.levels[0]), c.mask(w.levels[1])}
	}
	for j, to := range c.workloads {
		in := to.levels[0].shut()
		for i, from := range c.workloads {
			lets, let := masks[j][0].has(i), masks[i][1].has(j)
			// Pods in the node's network are none of those that a rule for all pods means.
			special := lets || let || (from.hostNetwork || to.hostNetwork) && len(from.levels[1])+len(to.levels[0]) > 0
			if !special && !to.auth.limited || in && !lets || !let && from.levels[1].shut() {
				continue
			}
			if err := c.pair(i, j, special); err != nil {
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

// mask is the workloads that rules allow or pass on.
func (c *computation) mask(l levels) bits {
	b := newBits(len(c.workloads))
	for _, one := range l {
		for _, e := range one.entries {
			if c.rules[e.rule].action != deny {
				b.add(c.holds[e.rule])
			}
		}
	}
	return b
}

// sides are what the two ends of a pair of workloads say to each other.
func (c *computation) sides(i, j int) (out, in levels) {
	return c.toward(c.workloads[i].levels[1], j), c.toward(c.workloads[j].levels[0], i)
}

// toward keeps the rules that mean a workload.
func (c *computation) toward(l levels, who int) levels {
	out := make(levels, len(l))
	for i, one := range l {
		out[i].closes = one.closes
		for _, e := range one.entries {
			if c.holds[e.rule].has(who) {
				out[i].entries = append(out[i].entries, entry{e.rule, e.sure && c.surely[e.rule].has(who)})
			}
		}
	}
	return out
}

// pair makes the flows between two workloads; special is that a rule may say something else of one than of pods in general.
func (c *computation) pair(i, j int, special bool) error {
	from, to := c.workloads[i], c.workloads[j]
	if !special && !slices.ContainsFunc(to.auth.allow, func(r *authRule) bool { return r.from(from.identity()) != no }) {
		return nil
	}
	if c.pairs++; c.pairs > maxPairs {
		return &LimitError{"pairs of workloads that policies bear on", maxPairs}
	}
	out, in := c.sides(i, j)
	segments, err := c.connect(out, in, to, from.identity(), c.standsFor(from.levels[1], to.levels[0]))
	if err != nil {
		return err
	}
	// Beside what the proxy guards, the open ends stand for what no rule decided.
	segments = slices.DeleteFunc(segments, func(s segment) bool { return s.open && (s.proto != tcp || len(s.auth) == 0) })
	return c.emit(from.name, to.name, segments)
}

// between is what may be opened between two workloads.
func (c *computation) between(i, j int) ([]segment, error) {
	out, in := c.sides(i, j)
	return c.connect(out, in, c.workloads[j], c.workloads[i].identity(), nil)
}

// standsFor tells where pods that no rule names may use a segment at both ends, so that the flows with them stand for it.
func (c *computation) standsFor(out, in levels) func(s segment) bool {
	everyPod := peer{kind: pods}
	out, in = c.about(out, everyPod, nil), c.about(in, everyPod, nil)
	return func(s segment) bool {
		for _, end := range []levels{out, in} {
			stages := c.stages(end, s.proto, nil)
			cuts := slices.DeleteFunc(append(cutsOf(s.proto, stages), s.lo, s.hi+1), func(at int) bool { return at < s.lo || at > s.hi+1 })
			slices.Sort(cuts)
			for k := range len(cuts) - 1 {
				if cuts[k] < cuts[k+1] && !decide(stages, &segment{proto: s.proto, lo: cuts[k], hi: cuts[k+1] - 1}).open {
					return false
				}
			}
		}
		return true
	}
}

func (w *workload) identity() identity {
	return identity{pod: true, outcast: w.mesh.none, namespace: w.namespace.name, account: w.account}
}

// outside makes the flows between a workload and endpoints.
func (c *computation) outside(i int) error {
	w := c.workloads[i]
	for dir, l := range w.levels {
		groups, err := c.groups(l)
		if err != nil {
			return err
		}
		for _, name := range sortedKeys(groups) {
			if g := groups[name]; !c.isTree(g.peer) {
				if err := c.toEndpoint(w, g, c.about(l, g.peer, g.named), dir == 1); err != nil {
					return err
				}
			}
		}
	}
	return nil
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

func (c *computation) toEndpoint(w *workload, g *naming, mine levels, egress bool) error {
	p := g.peer
	name := p.endpoint()
	if egress {
		segments, err := c.connect(mine, nil, nil, identity{}, nil)
		segments = g.say(segments)
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
		segments, err := c.connect(nil, mine, w, id, nil)
		if err != nil {
			return err
		}
		segments = g.say(segments)
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
