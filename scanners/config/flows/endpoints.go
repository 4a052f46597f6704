// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"slices"
)

// maxEndpoints is how many endpoints the rules that hold for one workload make.
const maxEndpoints = 5000

// naming is an endpoint, and the rules that allow it; open is that it stands for all whom no rule means, too.
type naming struct {
	peer  peer
	open  bool
	named []int
}

// say keeps what the endpoint is for: what no rule decided is said by the endpoints that are open.
func (g *naming) say(l []segment) []segment {
	return slices.DeleteFunc(l, func(s segment) bool { return s.open && !g.open })
}

// groups are the endpoints that rules name. Rules that pass a connection on divide an endpoint: those of it that they mean are one of their own,
// since other rules decide about them.
func (c *computation) groups(l levels) (map[string]*naming, error) {
	groups := map[string]*naming{}
	var passing []peer
	for _, one := range l {
		for _, e := range one.entries {
			for _, p := range c.rules[e.rule].peers {
				switch c.rules[e.rule].action {
				case allow:
					name(groups, p, false, e.rule)
				case pass:
					passing = append(passing, p.ends()...)
				case deny:
				}
			}
		}
	}
	if len(passing) > 0 || !l.shut() {
		for _, p := range c.everyone(l) {
			name(groups, p, true)
		}
	}
	queue := sortedKeys(groups)
	for len(queue) > 0 {
		g := groups[queue[0]]
		queue = queue[1:]
		for _, p := range passing {
			both, ok := g.peer.and(p)
			if !ok || both.endpoint() == g.peer.endpoint() {
				continue
			}
			if name(groups, both, g.open, g.named...) {
				queue = append(queue, both.endpoint())
			}
			if len(groups) > maxEndpoints {
				return nil, &LimitError{"endpoints of one workload", maxEndpoints}
			}
		}
	}
	return groups, nil
}

// name notes an endpoint; true if that says something new.
func name(groups map[string]*naming, p peer, open bool, rules ...int) bool {
	news := false
	for _, e := range p.ends() {
		at := e.endpoint()
		g := groups[at]
		if g == nil {
			g = &naming{peer: e}
			groups[at], news = g, true
		}
		if open && !g.open {
			g.open, news = true, true
		}
		for _, r := range rules {
			if !slices.Contains(g.named, r) {
				g.named, news = append(g.named, r), true
			}
		}
	}
	return news
}

// everyone is all pods and all addresses; those of each family by themselves where a rule means all of one.
func (c *computation) everyone(l levels) []peer {
	world := []peer{worldPeer(nil)}
	for _, one := range l {
		for _, e := range one.entries {
			for _, p := range c.rules[e.rule].peers {
				if c.rules[e.rule].action != allow && p.kind == block && len(p.in) == 1 && p.in[0].Bits() == 0 {
					world = []peer{{kind: block, in: anywhere[:1]}, {kind: block, in: anywhere[1:]}}
				}
			}
		}
	}
	return append(world, peer{kind: pods})
}

// about keeps of some levels what they say of an endpoint: what named rules allow, and what surely means all of it.
func (w *world) about(l levels, p peer, named []int) levels {
	out := make(levels, len(l))
	for i, one := range l {
		out[i].closes = one.closes
		for _, e := range one.entries {
			all, some := no, no
			for _, q := range w.rules[e.rule].peers {
				t := q.means(p)
				all, some = max(all, truth(t == yes)), max(some, t)
			}
			e.sure = e.sure && all == yes
			switch w.rules[e.rule].action {
			case allow:
				if !slices.Contains(named, e.rule) {
					continue
				}
			case deny:
				if !e.sure {
					continue
				}
			case pass:
				if some == no {
					continue
				}
			}
			out[i].entries = append(out[i].entries, e)
		}
	}
	return out
}

// means reports that all of an endpoint is among the peers; maybe, if nobody knows.
func (p peer) means(e peer) trust {
	if p.contains(e) {
		return yes
	}
	sharp := p
	sharp.unsure = false
	return min(maybe, truth(p.unsure && sharp.contains(e) || p.kind == named && e.kind == block || p.kind == block && e.kind == named))
}

// and is those who are among both, if there can be any.
func (p peer) and(q peer) (peer, bool) {
	switch {
	case p.kind == pods && q.kind == block && q.inPods:
		return p, true
	case p.kind == pods && q.kind == pods:
		return p.andPods(q)
	case p.kind != block || q.kind != block:
		return p, p.kind == named && q.kind == named && p.name == q.name
	}
	var in []netip.Prefix
	for _, a := range p.in {
		for _, b := range q.in {
			if covers(a, b) {
				in = append(in, b)
			} else if covers(b, a) {
				in = append(in, a)
			}
		}
	}
	out := slices.DeleteFunc(append(slices.Clone(p.out), q.out...), func(o netip.Prefix) bool { return !slices.ContainsFunc(in, o.Overlaps) })
	in = slices.DeleteFunc(in, func(i netip.Prefix) bool {
		return slices.ContainsFunc(out, func(o netip.Prefix) bool { return covers(o, i) })
	})
	p.in, p.out, p.unsure = in, out, p.unsure || q.unsure
	return p, len(in) > 0
}

func (p peer) andPods(q peer) (peer, bool) {
	if p.namespace != "" && q.namespace != "" && p.namespace != q.namespace || p.account != "" && q.account != "" && p.account != q.account {
		return p, false
	}
	if p.namespace == "" {
		p.namespace = q.namespace
	}
	if p.account == "" {
		p.account = q.account
	}
	p.ns, p.pod = append(slices.Clone(p.ns), q.ns...).sorted(), append(slices.Clone(p.pod), q.pod...).sorted()
	p.accounts = append(slices.Clone(p.accounts), q.accounts...).sorted()
	p.unsure, p.hosts = p.unsure || q.unsure, p.hosts && q.hosts
	return p, p.ns.possible() && p.pod.possible() && p.accounts.possible()
}
