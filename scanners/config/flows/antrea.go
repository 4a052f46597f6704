// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"fmt"
	"strings"
)

// antreaGroup is the group of Antrea's policies (https://antrea.io/docs/main/docs/antrea-network-policy/).
const antreaGroup = "crd.antrea.io"

// antreaTiers are the tiers that every cluster with Antrea has, by name; a lower number comes first. Rules of all tiers but the baseline are asked
// before NetworkPolicies, which alone decide what one of them passes on.
var antreaTiers = map[string]int{"emergency": 50, "securityops": 100, "networkops": 150, "platform": 200, "application": 250, "baseline": 253}

// antreaFirst puts Antrea's own policies before the AdminNetworkPolicies of the same cluster, as Antrea does.
const antreaFirst, antreaTierWidth = -1e9, 1e5

// antrea is what Antrea's policies refer to.
type antrea struct {
	tiers  map[string]int
	groups map[string]value // ClusterGroups by name, Groups by namespace/name
}

func (w *world) readAntrea(o Object) {
	x := value{v: o.Object}
	if group(x) != antreaGroup {
		return
	}
	kind, _ := x.get("kind").text()
	name, _ := x.get("metadata", "name").text()
	switch kind {
	case "Tier":
		if n, ok := x.get("spec", "priority").number(); ok {
			w.antrea.tiers[name] = n
		}
	case "ClusterGroup":
		w.antrea.groups[name] = x.get("spec")
	case "Group":
		w.antrea.groups[o.Namespace+"/"+name] = x.get("spec")
	}
}

// antreaPolicy reads a ClusterNetworkPolicy or, with a namespace, a NetworkPolicy of Antrea. Neither isolates the pods that it selects.
func (w *world) antreaPolicy(p *policy, spec value) error {
	if err := spec.only("priority", "tier", "appliedTo", "ingress", "egress"); err != nil {
		return err
	}
	if err := w.antreaPlace(p, spec); err != nil {
		return err
	}
	all := spec.get("appliedTo")
	whom, err := w.antreaApplied(p, all)
	if err != nil {
		return err
	}
	p.selects = func(one *workload) (may, sure bool) { return !one.hostNetwork, !one.hostNetwork }
	for _, direction := range []string{"ingress", "egress"} {
		rules, err := spec.get(direction).list()
		if err != nil {
			return err
		}
		for _, x := range rules {
			mine, own := whom, x.get("appliedTo")
			if given(all) == given(own) {
				return own.wrong("appliedTo stands either in the policy or in each of its rules")
			}
			if given(own) {
				if mine, err = w.antreaApplied(p, own); err != nil {
					return err
				}
			}
			more, err := w.antreaRule(p, x, direction == "egress", mine)
			if err != nil {
				return err
			}
			p.rules = append(p.rules, more...)
		}
	}
	return nil
}

func given(x value) bool {
	l, _ := x.v.([]any)
	return len(l) > 0
}

// antreaPlace finds a policy's place among all others.
func (w *world) antreaPlace(p *policy, spec value) error {
	order, ok := spec.get("priority").float()
	if !ok || order < 1 || order > 10000 {
		return spec.get("priority").wrong("expected a priority of 1 to 10000")
	}
	name, err := spec.get("tier").text()
	if err != nil {
		return err
	}
	if name == "" {
		name = "application"
	}
	if _, own := antreaTiers[strings.ToLower(name)]; own { // they may be written in any case
		name = strings.ToLower(name)
	}
	place, known := antreaTiers[name]
	if n, own := w.antrea.tiers[name]; own {
		place, known = n, true
	}
	if !known {
		return &unknownError{spec.get("tier").path, fmt.Sprintf("the tree has no Tier %q, whose place among the tiers decides: what the policy allows or denies is not in the graph", name)}
	}
	if p.tier = adminTier; name == "baseline" {
		p.tier = baselineTier
	}
	p.order = antreaFirst + float64(place)*antreaTierWidth + order
	return nil
}

// antreaRule reads a rule. Where peers are those of the namespace that the rule holds in, or of ones like it, there is one for each namespace of the tree.
func (w *world) antreaRule(p *policy, x value, egress bool, whom []peer) ([]rule, error) {
	field, fields := "from", []string{"name", "action", "ports", "protocols", "l7Protocols", "enableLogging", "logLabel", "appliedTo"}
	if egress {
		field, fields = "to", append(fields, "toServices")
	}
	r := rule{policy: p, path: x.path, egress: egress, local: func(one *workload) (may, sure bool) { return anyPeer(whom, one) }}
	if err := x.only(append(fields, field)...); err != nil {
		return nil, err
	}
	if err := r.antreaAction(x.get("action")); err != nil {
		return nil, err
	}
	if err := r.antreaPorts(x); err != nil {
		return nil, err
	}
	peers, err := x.get(field).list()
	if err != nil {
		return nil, err
	}
	services, err := x.get("toServices").list()
	if err != nil {
		return nil, err
	}
	relative := false
	for _, e := range peers {
		relative = relative || e.get("namespaces").given()
		if e.get("namespaces").given() {
			continue
		}
		more, err := w.antreaPeer(p, e, egress)
		if err != nil {
			return nil, err
		}
		r.peers = append(r.peers, more...)
	}
	for _, e := range services {
		more, err := w.antreaService(p.namespace, e)
		if err != nil {
			return nil, err
		}
		r.peers, r.unsure = append(r.peers, more...), true // only its ports are meant
	}
	if len(peers)+len(services) == 0 {
		r.peers = []peer{{kind: everyone, path: x.path}}
	}
	out := []rule{r}
	if relative {
		if out, err = w.antreaRelative(r, peers); err != nil {
			return nil, err
		}
	}
	return antreaRequests(out, x.get("l7Protocols"))
}

func (r *rule) antreaAction(x value) error {
	word, err := x.text()
	switch {
	case err != nil:
		return err
	case word == "Allow":
		r.action = allow
	case word == "Drop" || word == "Reject":
		r.action = deny
	case word == "Pass" && r.policy.tier != baselineTier:
		r.action = pass
	default:
		return x.wrong("action %q: expected Allow, Drop, Reject or, but in the baseline, Pass", word)
	}
	return nil
}

// antreaRelative makes a rule for each namespace that has workloads, with the peers that the rule means there.
func (w *world) antreaRelative(r rule, peers []value) ([]rule, error) {
	var out []rule
	seen := map[string]bool{}
	for _, one := range w.workloads {
		ns := one.namespace
		if seen[ns.name] {
			continue
		}
		seen[ns.name] = true
		here := r
		here.peers = append([]peer{}, r.peers...)
		for _, e := range peers {
			if !e.get("namespaces").given() {
				continue
			}
			more, err := antreaAlike(e, ns)
			if err != nil {
				return nil, err
			}
			here.peers = append(here.peers, more...)
		}
		here.local = func(one *workload) (may, sure bool) {
			if one.namespace != ns {
				return false, false
			}
			return r.local(one)
		}
		here.parts += len(here.peers)
		out = append(out, here)
	}
	return out, nil
}

// antreaAlike are the pods of a namespace, or of those that have the same values of some labels.
func antreaAlike(x value, ns *namespace) ([]peer, error) {
	if err := x.only("namespaces", "podSelector", "scope"); err != nil {
		return nil, err
	}
	how := x.get("namespaces")
	if err := how.only("match", "sameLabels"); err != nil {
		return nil, err
	}
	who, err := readSelector(x.get("podSelector"))
	if err != nil {
		return nil, err
	}
	p := peer{kind: pods, path: x.path, pod: who}
	keys, err := how.get("sameLabels").texts()
	if err != nil {
		return nil, err
	}
	if match, _ := how.get("match").text(); strings.EqualFold(match, "self") {
		p.namespace = ns.name
		return []peer{p}, nil
	} else if match != "" || len(keys) == 0 {
		return nil, how.wrong("expected match: Self, or sameLabels")
	}
	if !ns.known {
		p.unsure = true
		return []peer{p}, nil
	}
	var out []peer
	for _, labels := range ns.labels {
		one, all := p, true
		one.ns, one.unsure = nil, len(ns.labels) > 1
		for _, k := range keys {
			v, there := labels[k]
			all = all && there
			one.ns = append(one.ns, requirement{k, opIn, []string{v}})
		}
		if one.ns = one.ns.sorted(); all {
			out = append(out, pinned(one)...)
		}
	}
	return out, nil
}
