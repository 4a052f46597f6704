// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"slices"
	"strings"
)

// adminKinds are the policies of policy.networking.k8s.io (https://network-policy-api.sigs.k8s.io/api-overview/). Those of v1alpha1 are
// AdminNetworkPolicy and BaselineAdminNetworkPolicy; ClusterNetworkPolicy of v1alpha2 is both, and says accept for allow.
var adminKinds = map[string]bool{"AdminNetworkPolicy": true, "BaselineAdminNetworkPolicy": true, "ClusterNetworkPolicy": true}

func adminPolicy(p *policy, kind string, spec value) error {
	fields := []string{"priority", "subject", "ingress", "egress", "tier"}
	switch kind {
	case "AdminNetworkPolicy":
		fields = fields[:4]
	case "BaselineAdminNetworkPolicy":
		fields = fields[1:4]
	}
	if err := spec.only(fields...); err != nil {
		return err
	}
	if err := p.adminPlace(kind, spec); err != nil {
		return err
	}
	if !spec.get("subject").given() {
		return spec.wrong("the policy has no subject")
	}
	who, err := adminPods(spec.get("subject"), false)
	if err != nil {
		return err
	}
	p.selects = func(w *workload) (may, sure bool) {
		return !w.hostNetwork && who.holds(w), !w.hostNetwork && who.surely(w)
	}
	for _, direction := range []string{"ingress", "egress"} {
		rules, err := spec.get(direction).list()
		if err != nil {
			return err
		}
		for _, x := range rules {
			r, err := adminRule(p, x, kind, direction == "egress")
			if err != nil {
				return err
			}
			p.rules = append(p.rules, r)
		}
	}
	return nil
}

// adminPlace finds the tier and the priority.
func (p *policy) adminPlace(kind string, spec value) error {
	p.tier = adminTier
	if kind == "BaselineAdminNetworkPolicy" {
		p.tier = baselineTier
		return nil
	}
	if kind == "ClusterNetworkPolicy" {
		switch t, err := spec.get("tier").text(); {
		case err != nil:
			return err
		case t == "Baseline":
			p.tier = baselineTier
		case t != "Admin":
			return spec.get("tier").wrong("tier %q: expected Admin or Baseline", t)
		}
	}
	n, ok := spec.get("priority").number()
	if !ok || n < 0 || n > 1000 {
		return spec.get("priority").wrong("expected a priority of 0 to 1000")
	}
	p.order = float64(n)
	return nil
}

func adminRule(p *policy, x value, kind string, egress bool) (rule, error) {
	field, ports := "from", "ports"
	if egress {
		field = "to"
	}
	if kind == "ClusterNetworkPolicy" {
		ports = "protocols"
	}
	r := rule{policy: p, path: x.path, egress: egress}
	if err := x.only("name", "action", field, ports); err != nil {
		return r, err
	}
	if err := r.adminAction(x.get("action"), kind); err != nil {
		return r, err
	}
	peers, err := x.get(field).list()
	if err != nil {
		return r, err
	}
	if len(peers) == 0 {
		return r, x.wrong("the rule needs %s", field)
	}
	for _, e := range peers {
		ps, err := adminPeers(e, egress)
		if err != nil {
			return r, err
		}
		r.peers = append(r.peers, ps...)
	}
	list, err := x.get(ports).list()
	if err != nil {
		return r, err
	}
	for _, e := range list {
		var one []port
		if ports == "ports" {
			one, err = adminPort(e)
		} else {
			one, err = adminProtocol(e)
		}
		if err != nil {
			return r, err
		}
		r.ports = append(r.ports, one...)
	}
	r.allPorts = len(list) == 0
	r.parts = len(r.peers) + len(r.ports)
	return r, nil
}

func (r *rule) adminAction(x value, kind string) error {
	word, err := x.text()
	if err != nil {
		return err
	}
	yes := "Allow"
	if kind == "ClusterNetworkPolicy" {
		yes = "Accept"
	}
	switch {
	case word == yes:
		r.action = allow
	case word == "Deny":
		r.action = deny
	case word == "Pass" && kind != "BaselineAdminNetworkPolicy":
		r.action = pass
	default:
		return x.wrong("action %q: expected %s, Deny or, but in the baseline, Pass", word, yes)
	}
	return nil
}

func adminPeers(x value, egress bool) ([]peer, error) {
	m, err := x.object()
	if err != nil {
		return nil, err
	}
	if len(m) != 1 {
		return nil, x.wrong("a peer has one of namespaces, pods and, for egress, nodes, networks or domainNames")
	}
	for key := range m {
		at := x.get(key)
		switch {
		case key == "namespaces" || key == "pods":
			one, err := adminPods(x, true)
			return pinned(one), err
		case key == "nodes" && egress:
			_, err := readSelector(at)
			return []peer{{kind: named, name: "nodes", hosts: true, unsure: true, path: at.path}}, err
		case key == "networks" && egress:
			return adminNetworks(at)
		case key == "domainNames" && egress:
			names, err := at.texts()
			var out []peer
			for _, n := range names {
				out = append(out, peer{kind: named, name: strings.ToLower(strings.TrimSuffix(n, ".")), path: at.path})
			}
			return out, err
		}
	}
	return nil, x.wrong("unknown peer %q", sortedKeys(m)[0])
}

// adminPods reads a subject, or a peer that is pods. Up to v0.1.1 a peer's namespaces have a selector inside, or labels that both ends share.
func adminPods(x value, isPeer bool) (peer, error) {
	p := peer{kind: pods, path: x.path}
	if err := x.only("namespaces", "pods"); err != nil {
		return p, err
	}
	namespaces, both := x.get("namespaces"), x.get("pods")
	if namespaces.given() == both.given() {
		return p, x.wrong("expected either namespaces or pods")
	}
	var err error
	if both.given() {
		if err := both.only("namespaces", "namespaceSelector", "podSelector"); err != nil {
			return p, err
		}
		if p.pod, err = readSelector(both.get("podSelector")); err != nil {
			return p, err
		}
		if namespaces = both.get("namespaceSelector"); both.get("namespaces").given() {
			namespaces = both.get("namespaces")
		}
	}
	if m, _ := namespaces.v.(map[string]any); isPeer && (m["sameLabels"] != nil || m["notSameLabels"] != nil) {
		p.unsure = true
		return p, nil
	} else if isPeer && m["namespaceSelector"] != nil {
		namespaces = namespaces.get("namespaceSelector")
	}
	p.ns, err = readSelector(namespaces)
	return p, err
}

// adminNetworks reads CIDRs, which are those of pods too.
func adminNetworks(x value) ([]peer, error) {
	l, err := prefixes(x)
	if err != nil {
		return nil, err
	}
	var out []peer
	for _, n := range l {
		out = append(out, peer{kind: block, in: []netip.Prefix{n}, inPods: coversPods([]netip.Prefix{n}, nil), path: x.path})
	}
	return out, nil
}

func adminPort(x value) ([]port, error) {
	if err := x.only("portNumber", "portRange", "namedPort"); err != nil {
		return nil, err
	}
	number, span := x.get("portNumber"), x.get("portRange")
	switch {
	case number.given():
		return portSpan(number, number.get("protocol"), number.get("port"), number.get("port"))
	case span.given():
		return portSpan(span, span.get("protocol"), span.get("start"), span.get("end"))
	}
	return namedPort(x.get("namedPort"))
}

func namedPort(x value) ([]port, error) {
	s, err := x.text()
	if err == nil && s == "" {
		err = x.wrong("expected a port's number, a range or a name")
	}
	return []port{{protos: []protocol{tcp, udp, sctp}, name: s}}, err
}

func portSpan(x, proto, from, to value) ([]port, error) {
	protos, err := readProtocol(proto, false)
	if err != nil {
		return nil, err
	}
	lo, ok1 := from.number()
	hi, ok2 := to.number()
	if !ok1 || !ok2 || lo < 1 || hi < lo || hi > 65535 {
		return nil, x.wrong("expected ports of 1 to 65535")
	}
	return []port{{protos: protos, lo: lo, hi: hi}}, nil
}

// adminProtocol reads an entry of a ClusterNetworkPolicy's protocols.
func adminProtocol(x value) ([]port, error) {
	m, err := x.object()
	if err != nil {
		return nil, err
	}
	keys := sortedKeys(m)
	if len(keys) != 1 || !slices.Contains([]string{"tcp", "udp", "sctp", "destinationNamedPort"}, keys[0]) {
		return nil, x.wrong("expected one of tcp, udp, sctp and destinationNamedPort")
	}
	at := x.get(keys[0])
	if keys[0] == "destinationNamedPort" {
		return namedPort(at)
	}
	if err := at.only("destinationPort"); err != nil {
		return nil, err
	}
	proto := value{strings.ToUpper(keys[0]), at.path}
	target := at.get("destinationPort")
	switch {
	case !target.given():
		protos, err := readProtocol(proto, false)
		return []port{{protos: protos, lo: 1, hi: 65535}}, err
	case target.get("range").given():
		return portSpan(target, proto, target.get("range", "start"), target.get("range", "end"))
	}
	return portSpan(target, proto, target.get("number"), target.get("number"))
}
