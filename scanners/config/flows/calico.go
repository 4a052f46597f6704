// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// The label that Calico gives to namespaces and service accounts, and those it gives to pods.
const (
	calicoName      = "projectcalico.org/name"
	calicoNamespace = "projectcalico.org/namespace"
	calicoAccount   = "projectcalico.org/serviceaccount"
	calicoOfNS      = "pcns."
	calicoOfAccount = "pcsa."
)

// isCalico reports that an object is one of Calico's; those stored by the API server's own group are alike, but for the tier in their name.
func isCalico(group string) bool {
	return group == "projectcalico.org" || group == "crd.projectcalico.org"
}

// calicoTier is an object of the kind Tier.
type calicoTier struct {
	tier   tier
	passes bool
}

// calicoSet is the addresses and names of a NetworkSet or, without a namespace, a GlobalNetworkSet.
type calicoSet struct {
	namespace string
	labels    map[string]string
	peers     []peer
}

// readCalico reads what Calico's policies refer to.
func (w *world) readCalico(o Object) {
	x := value{v: o.Object}
	kind, _ := x.get("kind").text()
	if !isCalico(group(x)) {
		return
	}
	name, _ := x.get("metadata", "name").text()
	spec := x.get("spec")
	switch kind {
	case "Tier":
		order, given := spec.get("order").float()
		if !given {
			order = math.MaxFloat64
		}
		action, _ := spec.get("defaultAction").text()
		w.tiers[name] = calicoTier{tier{order, name}, action == "Pass"}
	case "NetworkSet", "GlobalNetworkSet":
		labels, err := x.get("metadata", "labels").stringMap()
		nets, err2 := spec.get("nets").texts()
		names, err3 := spec.get("allowedEgressDomains").texts()
		if err != nil || err2 != nil || err3 != nil {
			return
		}
		set := calicoSet{labels: labels}
		if kind == "NetworkSet" {
			set.namespace = o.Namespace
		}
		for _, n := range nets {
			if p, err := readPrefix(value{v: n}); err == nil {
				set.peers = append(set.peers, calicoBlock(nil, p))
			}
		}
		for _, n := range names {
			set.peers = append(set.peers, peer{kind: named, name: strings.ToLower(n)})
		}
		w.sets = append(w.sets, set)
	}
}

// calicoPolicy reads a NetworkPolicy or, without a namespace, a GlobalNetworkPolicy of Calico
// (https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy).
func (w *world) calicoPolicy(p *policy, spec value) error {
	if err := spec.only("order", "selector", "types", "ingress", "egress", "tier", "serviceAccountSelector", "namespaceSelector", "applyOnForward", "preDNAT",
		"doNotTrack", "performanceHints"); err != nil {
		return err
	}
	if err := w.calicoPlace(p, spec); err != nil {
		return err
	}
	hosts := false // such policies hold for the interfaces of nodes
	for _, f := range []string{"preDNAT", "doNotTrack"} {
		on, _ := spec.get(f).v.(bool)
		hosts = hosts || on
	}
	who, err := calicoPods(p.namespace, spec.get("selector"), spec.get("namespaceSelector"), spec.get("serviceAccountSelector"))
	if err != nil {
		return err
	}
	p.selects = func(one *workload) (may, sure bool) {
		if one.hostNetwork || hosts {
			return false, false
		}
		return anyPeer(who, one)
	}
	in, err := w.calicoRules(p, spec.get("ingress"), false)
	if err != nil {
		return err
	}
	out, err := w.calicoRules(p, spec.get("egress"), true)
	if err != nil {
		return err
	}
	hasIn, hasOut := spec.get("ingress").given() && len(spec.get("ingress").v.([]any)) > 0, spec.get("egress").given() && len(spec.get("egress").v.([]any)) > 0
	if p.isolates, err = isolated(spec.get("types"), "type", [2]bool{hasIn || !hasOut, hasOut}); err != nil {
		return err
	}
	for dir, rules := range [][]rule{in, out} {
		if p.isolates[dir] {
			p.rules = append(p.rules, rules...)
		}
	}
	return nil
}

// anyPeer reports that a workload may be, or surely is, one of some peers.
func anyPeer(who []peer, one *workload) (may, sure bool) {
	for _, p := range who {
		may, sure = may || p.holds(one), sure || p.surely(one)
	}
	return may, sure
}

// calicoPlace finds the tier and the order of a policy. Without an order it is the last.
func (w *world) calicoPlace(p *policy, spec value) error {
	p.tier, p.ordered, p.order = defaultTier, true, math.MaxFloat64
	if order, given := spec.get("order").float(); given {
		p.order = order
	} else if spec.get("order").given() {
		return spec.get("order").wrong("expected a number")
	}
	name, err := spec.get("tier").text()
	switch {
	case err != nil:
		return err
	case name == "" || name == "default":
		if t, ok := w.tiers["default"]; ok {
			p.passes = t.passes
		}
	default:
		t, ok := w.tiers[name]
		if !ok {
			return &unknownError{spec.get("tier").path, fmt.Sprintf("the tree has no Tier %q, whose place among the tiers decides: what the policy allows or denies is not in the graph", name)}
		}
		p.tier, p.passes = t.tier, t.passes
	}
	return nil
}

// unknownError is a policy that holds, but what it says depends on what is not in the tree, or is not understood.
type unknownError struct {
	path []any
	text string
}

func (e *unknownError) Error() string { return e.text }

// calicoPods are the pods that selectors of Calico mean.
func calicoPods(own string, pod, ns, account value) ([]peer, error) {
	pods1, err := calicoSelector(pod)
	if err != nil {
		return nil, err
	}
	spaces, err := calicoSelector(ns)
	if err != nil {
		return nil, err
	}
	accounts, err := calicoSelector(account)
	if err != nil {
		return nil, err
	}
	path := pod.path
	if !pod.given() && ns.given() {
		path = ns.path
	}
	var out []peer
	for _, a := range pods1 {
		for _, b := range spaces {
			for _, c := range accounts {
				one := peer{kind: pods, path: path, accounts: c}
				if !ns.given() {
					one.namespace = own
				}
				one.calicoLabels(a, b)
				if one.namespace != "" {
					one.ns = slices.DeleteFunc(one.ns, func(r requirement) bool {
						return r.key == nameLabel && r.matches(map[string]string{nameLabel: one.namespace})
					})
					out = append(out, one)
				} else {
					out = append(out, pinned(one)...)
				}
				if len(out) > maxAlternatives {
					return nil, &unknownError{path, fmt.Sprintf("the selectors have more than %d alternatives: the policy is not in the graph", maxAlternatives)}
				}
			}
		}
	}
	return out, nil
}

// calicoLabels sorts requirements by whose labels they are about.
func (p *peer) calicoLabels(pod, ns selector) {
	for _, r := range ns {
		if r.key == calicoName {
			r.key = nameLabel
		}
		p.ns = append(p.ns, r)
	}
	for _, r := range pod {
		switch key := r.key; {
		case key == calicoNamespace || key == calicoOfNS+calicoName:
			p.ns = append(p.ns, requirement{nameLabel, r.op, r.values})
		case strings.HasPrefix(key, calicoOfNS):
			p.ns = append(p.ns, requirement{strings.TrimPrefix(key, calicoOfNS), r.op, r.values})
		case key == calicoAccount:
			p.accounts = append(slices.Clone(p.accounts), requirement{calicoName, r.op, r.values})
		case strings.HasPrefix(key, calicoOfAccount):
			p.accounts = append(slices.Clone(p.accounts), requirement{strings.TrimPrefix(key, calicoOfAccount), r.op, r.values})
		case key == "projectcalico.org/orchestrator":
			if !r.matches(map[string]string{key: "k8s"}) {
				p.pod = append(p.pod, requirement{key, opExists, nil}) // no pod has it
			}
		default:
			p.pod = append(p.pod, r)
		}
	}
	p.pod, p.ns, p.accounts = p.pod.sorted(), p.ns.sorted(), p.accounts.sorted()
}
