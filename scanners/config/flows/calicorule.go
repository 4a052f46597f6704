// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"slices"
	"strings"
)

func (w *world) calicoRules(p *policy, x value, egress bool) ([]rule, error) {
	l, err := x.list()
	if err != nil {
		return nil, err
	}
	var out []rule
	for _, e := range l {
		if err := e.only("action", "protocol", "notProtocol", "icmp", "notICMP", "ipVersion", "source", "destination", "http", "metadata"); err != nil {
			return nil, err
		}
		r := rule{policy: p, path: e.path, egress: egress}
		switch action, _ := e.get("action").v.(string); action {
		case "Allow":
		case "Deny":
			r.action = deny
		case "Pass":
			r.action = pass
		case "Log":
			continue
		default:
			return nil, e.get("action").wrong("action %q: expected Allow, Deny, Pass or Log", action)
		}
		if err := w.calicoRule(&r, e); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, nil
}

func (w *world) calicoRule(r *rule, x value) error {
	other, mine := x.get("source"), x.get("destination")
	if r.egress {
		other, mine = mine, other
	}
	var err error
	if r.peers, err = w.calicoPeers(r, other, x); err != nil {
		return err
	}
	if err := w.calicoLocal(r, mine); err != nil {
		return err
	}
	for _, f := range []string{"ports", "notPorts"} {
		l, err := x.get("source", f).list()
		if err != nil {
			return err
		}
		r.unsure = r.unsure || len(l) > 0 // a caller's ports are not in the manifests
	}
	if x.get("ipVersion").given() || x.get("icmp").given() || x.get("notICMP").given() {
		r.unsure = true
	}
	if err := r.calicoPorts(x); err != nil {
		return err
	}
	return r.calicoHTTP(x.get("http"))
}

// calicoPeers are those at the other end.
func (w *world) calicoPeers(r *rule, end, x value) ([]peer, error) {
	if err := end.only("nets", "notNets", "selector", "notSelector", "namespaceSelector", "ports", "notPorts", "serviceAccounts", "services", "domains"); err != nil {
		return nil, err
	}
	nets, err := prefixes(end.get("nets"))
	if err != nil {
		return nil, err
	}
	notNets, err := prefixes(end.get("notNets"))
	if err != nil {
		return nil, err
	}
	domains, err := end.get("domains").texts()
	if err != nil {
		return nil, err
	}
	if end.get("services").given() {
		return w.calicoService(r, end.get("services"))
	}
	selected := false
	for _, f := range []string{"selector", "notSelector", "namespaceSelector", "serviceAccounts"} {
		selected = selected || end.get(f).given()
	}
	var out []peer
	for _, d := range domains {
		out = append(out, peer{kind: named, name: strings.ToLower(d), path: end.path})
	}
	switch {
	case selected:
		ps, err := w.calicoSelected(r, end)
		r.unsure = r.unsure || len(nets)+len(notNets) > 0
		return append(out, ps...), err
	case len(nets) > 0:
		for _, n := range nets {
			out = append(out, calicoBlock(end.get("nets").path, n, notNets...))
		}
	case len(notNets) > 0:
		b := peer{kind: block, in: anywhere, out: notNets, inPods: coversPods(anywhere, notNets), path: end.get("notNets").path}
		out = append(out, b)
	case len(domains) == 0:
		out = []peer{{kind: everyone, path: x.path}}
	}
	return out, nil
}

// calicoBlock is a network without the parts of it that are left out.
func calicoBlock(path []any, n netip.Prefix, out ...netip.Prefix) peer {
	out = slices.DeleteFunc(slices.Clone(out), func(o netip.Prefix) bool { return !o.Overlaps(n) })
	in := []netip.Prefix{n}
	return peer{kind: block, in: in, out: out, inPods: coversPods(in, out), path: path}
}

// calicoSelected are pods, and sets of addresses, by selectors.
func (w *world) calicoSelected(r *rule, end value) ([]peer, error) {
	own := r.policy.namespace
	space, accounts := end.get("namespaceSelector"), end.get("serviceAccounts")
	if s, _ := space.v.(string); strings.TrimSpace(s) == "global()" { // sets of addresses, and nodes, which are in no namespace
		return append(w.calicoSets(end, "", true), peer{kind: named, name: "nodes", hosts: true, unsure: true, path: end.path}), nil
	}
	if !end.get("selector").given() && !space.given() && !accounts.given() { // a selector that only takes away is of no namespace
		not, err := calicoExpression(end.get("notSelector"), true)
		if err != nil {
			return nil, err
		}
		out := []peer{worldPeer(end.path)}
		for _, s := range not {
			p := peer{kind: pods, path: end.get("notSelector").path}
			p.calicoLabels(s, nil)
			out = append(out, p)
		}
		return out, nil
	}
	out, err := calicoPods(own, end.get("selector"), space, accounts.get("selector"))
	if err != nil {
		return nil, err
	}
	names, err := accounts.get("names").texts()
	if err != nil {
		return nil, err
	}
	if not := end.get("notSelector"); not.given() {
		if out, err = calicoWithout(out, not); err != nil {
			return nil, err
		}
	}
	if len(names) > 0 {
		all := out
		out = nil
		for _, p := range all {
			for _, n := range names {
				p.account = n
				out = append(out, p)
			}
		}
	}
	if !accounts.given() {
		out = append(out, w.calicoSets(end, own, false)...)
	}
	return out, nil
}

func calicoWithout(all []peer, not value) ([]peer, error) {
	spare, err := calicoExpression(not, true)
	if err != nil {
		return nil, err
	}
	var out []peer
	for _, p := range all {
		for _, s := range spare {
			q := peer{kind: pods}
			q.calicoLabels(s, nil)
			if both, ok := p.andPods(q); ok {
				out = append(out, both)
			}
			if len(out) > maxAlternatives {
				return nil, &unknownError{not.path, "the selectors have more than 256 alternatives: the policy is not in the graph"}
			}
		}
	}
	return out, nil
}

// calicoSets are the sets of addresses of the tree that selectors mean.
func (w *world) calicoSets(end value, own string, global bool) []peer {
	yes, err := calicoSelector(end.get("selector"))
	not, err2 := calicoExpression(end.get("notSelector"), true)
	if err != nil || err2 != nil {
		return nil
	}
	anySpace := end.get("namespaceSelector").given()
	var out []peer
	for _, set := range w.sets {
		matches := func(s selector) bool { return s.matches(set.labels) }
		if !slices.ContainsFunc(yes, matches) || !slices.ContainsFunc(not, matches) {
			continue
		}
		if inNamespace := set.namespace != ""; global && inNamespace || !global && (anySpace && !inNamespace || !anySpace && own != "" && set.namespace != own) {
			continue
		}
		for _, p := range set.peers {
			p.path, p.unsure = end.path, anySpace && !global
			out = append(out, p)
		}
	}
	return out
}

// calicoService is the pods of a Service.
func (w *world) calicoService(r *rule, x value) ([]peer, error) {
	name, err := x.get("name").text()
	if err != nil {
		return nil, err
	}
	ns, err := x.get("namespace").text()
	if err != nil {
		return nil, err
	}
	if ns == "" {
		ns = r.policy.namespace
	}
	r.unsure = true // only its ports are meant
	return []peer{{kind: named, name: ns + "/service:" + name, service: ns + "/" + name, unsure: true, path: x.path}}, nil
}

// calicoLocal reads what a rule asks of the end that its policy selects.
func (w *world) calicoLocal(r *rule, end value) error {
	asks := []string{"selector", "notSelector", "namespaceSelector", "serviceAccounts"}
	if err := end.only(append(asks, "nets", "notNets", "ports", "notPorts", "services", "domains")...); err != nil {
		return err
	}
	for _, f := range []string{"nets", "notNets", "services", "domains"} {
		r.unsure = r.unsure || end.get(f).given() // which pod has which address is not in the manifests
	}
	if !slices.ContainsFunc(asks, func(f string) bool { return end.get(f).given() }) {
		return nil
	}
	unsure := r.unsure
	who, err := w.calicoSelected(r, end)
	if err != nil {
		return err
	}
	r.unsure = unsure
	r.local = func(one *workload) (may, sure bool) { return anyPeer(who, one) }
	return nil
}
