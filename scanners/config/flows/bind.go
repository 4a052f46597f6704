// SPDX-License-Identifier: Apache-2.0

package flows

import (
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
