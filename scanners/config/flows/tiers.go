// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"cmp"
	"slices"
)

// action is what a rule does with a connection that it means.
type action int

const (
	allow action = iota
	deny
	pass // the next tier decides
)

func (a action) String() string { return [...]string{"allow", "deny", "pass"}[a] }

// tier is policies that decide together, before those of a later tier.
type tier struct {
	order float64
	name  string
}

// The tiers that every cluster has, with the places that Calico gives them
// (https://docs.tigera.io/calico/latest/network-policy/policy-tiers/tiered-policy).
var (
	adminTier    = tier{1000, "admin"}
	defaultTier  = tier{1000000, "default"}
	baselineTier = tier{10000000, "baseline"}
)

// networkPolicyOrder is where Calico puts a NetworkPolicy of Kubernetes among its own policies of the default tier.
const networkPolicyOrder = 1000

// rank is the place of a rule among all that hold for a workload.
type rank struct {
	tier  tier
	order float64
	name  string // of the policy, where that tells apart those of one order
	step  int    // before the place in the policy, where the order of policies is not defined
	at    int
}

func (a rank) compare(b rank) int {
	return cmp.Or(cmp.Compare(a.tier.order, b.tier.order), cmp.Compare(a.tier.name, b.tier.name), cmp.Compare(a.order, b.order), cmp.Compare(a.name, b.name),
		cmp.Compare(a.step, b.step), cmp.Compare(a.at, b.at))
}

// entry is a rule that holds for a workload.
type entry struct {
	rule int
	sure bool
}

// level is what one tier says about an end: its rules in order, and whether it denies what none of them means.
type level struct {
	entries []entry
	closes  bool
}

// levels is what all tiers say about an end in one direction, the first first. Without any the end is open.
type levels []level

// shut reports that what no rule allows or passes on is denied.
func (l levels) shut() bool {
	return slices.ContainsFunc(l, func(one level) bool { return one.closes })
}

// levelsOf orders the rules that hold for a workload. Rules that only allow what is open anyway are left out.
func (w *world) levelsOf(entries []entry, closed []tier) levels {
	decides := len(closed) > 0 || slices.ContainsFunc(entries, func(e entry) bool { return w.rules[e.rule].action != allow })
	if !decides {
		return nil
	}
	entries = slices.Clone(entries)
	slices.SortStableFunc(entries, func(a, b entry) int { return w.rules[a.rule].rank.compare(w.rules[b.rule].rank) })
	byTier := map[tier]*level{}
	var tiers []tier
	at := func(t tier) *level {
		if byTier[t] == nil {
			byTier[t] = &level{}
			tiers = append(tiers, t)
		}
		return byTier[t]
	}
	for _, e := range entries {
		l := at(w.rules[e.rule].rank.tier)
		l.entries = append(l.entries, e)
	}
	for _, t := range closed {
		at(t).closes = true
	}
	slices.SortFunc(tiers, func(a, b tier) int { return rank{tier: a}.compare(rank{tier: b}) })
	var out levels
	for _, t := range tiers {
		out = append(out, *byTier[t])
	}
	return out
}

// step is a rule as it bears on one other end and one protocol.
type step struct {
	action action
	sure   bool
	rule   int
	spans  []span
}

// stage is a level as it bears on one other end and one protocol.
type stage struct {
	steps  []step
	closes bool
}

// stages resolves what levels say of one protocol.
func (c *computation) stages(l levels, proto protocol, to *workload) []stage {
	out := make([]stage, len(l))
	for i, one := range l {
		out[i].closes = one.closes
		for _, e := range one.entries {
			r := &c.rules[e.rule]
			if spans := resolve(r.ports, r.allPorts, proto, to); len(spans) > 0 {
				out[i].steps = append(out[i].steps, step{r.action, e.sure, e.rule, spans})
			}
		}
	}
	return out
}

// decision is what an end says of a segment. Open is that no rule decided.
type decision struct {
	ops  ops
	via  []int
	open bool
}

// decide asks the tiers one after the other. What may be allowed is, what surely is denied is not.
func decide(stages []stage, s *segment) decision {
	var d decision
	rest := true
	for _, one := range stages {
		passed := false
		for i := 0; i < len(one.steps) && rest; {
			switch one.steps[i].action {
			case allow:
				n := i
				for i < len(one.steps) && one.steps[i].action == allow {
					i++
				}
				if d.allow(one.steps[n:i], s) {
					return d
				}
				continue
			case deny:
				if one.steps[i].covers(s) == yes {
					rest = false
				}
			case pass:
				t := one.steps[i].covers(s)
				passed = passed || t != no
				rest = t != yes || !one.steps[i].sure
			}
			i++
		}
		rest = passed || rest && !one.closes
	}
	if d.open = rest; rest {
		d.ops = anything()
	}
	d.ops = d.ops.canonical()
	return d
}

// allow adds what rules side by side allow; true if that is everything.
func (d *decision) allow(steps []step, s *segment) bool {
	everything := false
	for _, one := range steps {
		for _, x := range one.spans {
			if s.in(x) == yes {
				d.ops = append(d.ops, x.ops...)
				d.via = append(d.via, one.rule)
				everything = everything || x.ops.any()
			}
		}
	}
	if everything {
		d.ops = anything()
	}
	return everything
}

func (one step) covers(s *segment) trust {
	best := no
	for _, x := range one.spans {
		best = max(best, s.in(x))
	}
	return best
}
