// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"

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
	w.sharing = map[rank]shared{}
	for _, p := range w.policies {
		at := rank{tier: p.tier, order: p.order}
		n := w.sharing[at]
		n.global = n.global || p.ordered && p.namespace == ""
		n.local = n.local || p.ordered && p.namespace != ""
		n.unordered += b2i(!p.ordered)
		w.sharing[at] = n
	}
	for _, p := range w.policies {
		w.bindPolicy(p)
	}
	for _, a := range w.auths {
		w.bindAuth(a)
	}
	for _, one := range w.workloads {
		for dir := range one.levels {
			one.levels[dir] = w.levelsOf(one.entries[dir], one.closed[dir])
		}
		one.entries = [2][]entry{}
		one.isolated = [2]bool{w.isolated(one, false), w.isolated(one, true)}
	}
	return nil
}

func (w *world) bindPolicy(p *policy) {
	first := len(w.rules)
	w.rules = append(w.rules, p.rules...)
	for i := range p.rules {
		w.rules[first+i].rank = w.rankOf(p, i)
		may, sure := w.peersOf(&p.rules[i])
		if p.rules[i].action == deny {
			may = sure
		}
		w.holds = append(w.holds, may)
		w.surely = append(w.surely, sure)
	}
	selected := make([]int, len(p.rules))
	for _, one := range w.workloads {
		may, sure := p.selects(one)
		if !may {
			continue
		}
		for dir, yes := range p.isolates {
			if yes && sure && !p.passes && !slices.Contains(one.closed[dir], p.tier) {
				one.closed[dir] = append(one.closed[dir], p.tier)
			}
		}
		for i, r := range p.rules {
			mine, surely := true, sure
			if r.local != nil {
				mine, surely = r.local(one)
				surely = surely && sure
			}
			if surely = surely && !r.unsure; !mine || r.action == deny && !surely {
				continue
			}
			dir := b2i(r.egress)
			one.entries[dir] = append(one.entries[dir], entry{first + i, surely})
			selected[i]++
		}
	}
	for i, r := range p.rules {
		w.table = append(w.table, r.wire(selected[i]))
	}
}

// shared is which policies have one place in a tier: of the whole cluster and of a namespace, which their names put in order among each other, and others.
type shared struct {
	global, local bool
	unordered     int
}

// rankOf is the place of a policy's rule. Where nothing says which of two policies comes first, what they allow counts before what they deny:
// only policies for one tier alone, in which to deny outweighs, are known to deny first.
func (w *world) rankOf(p *policy, i int) rank {
	r := rank{tier: p.tier, order: p.order, at: i}
	same := w.sharing[rank{tier: p.tier, order: p.order}]
	switch {
	case p.tier == defaultTier && p.order == networkPolicyOrder && !p.ordered:
		r.step = map[action]int{deny: 1, allow: 2}[p.rules[i].action]
	case p.tier == defaultTier && p.order == networkPolicyOrder && same.unordered > 0:
		r.step = map[action]int{deny: 3}[p.rules[i].action]
	case p.ordered && same.unordered == 0 && (!same.global || !same.local):
		r.name = p.name
	case p.ordered || same.unordered > 1:
		r.step = map[action]int{pass: 1, deny: 2}[p.rules[i].action]
	}
	return r
}

func (w *world) peersOf(r *rule) (may, sure bits) {
	may, sure = newBits(len(w.workloads)), newBits(len(w.workloads))
	for i, one := range w.workloads {
		for _, p := range r.peers {
			if p.holds(one) {
				may.set(i)
			}
			if p.surely(one) {
				sure.set(i)
				break
			}
		}
	}
	return may, sure
}

// isolated reports that pods that no rule names are denied; for egress, addresses too.
func (w *world) isolated(one *workload, egress bool) bool {
	l := one.levels[b2i(egress)]
	probes := []peer{{kind: pods}}
	if egress {
		probes = append(probes, peer{kind: block, in: anywhere[:1]})
	}
	for _, p := range probes {
		mine := w.about(l, p, nil)
		for proto := range protocols {
			c := computation{world: w}
			stages := c.stages(mine, proto, nil)
			cuts := cutsOf(proto, stages)
			for k := range len(cuts) - 1 {
				if decide(stages, &segment{proto: proto, lo: cuts[k], hi: cuts[k+1] - 1}).open {
					return false
				}
			}
		}
	}
	return true
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
	out.Effect = r.action.String()
	for _, p := range r.peers {
		out.Peers = append(out.Peers, p.wire())
	}
	for _, p := range r.ports {
		out.Ports = append(out.Ports, p.wire()...)
	}
	return out
}
