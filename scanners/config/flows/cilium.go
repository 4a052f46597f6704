// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"strings"
)

// Labels that Cilium gives to every pod.
const (
	ciliumNamespace = "io.kubernetes.pod.namespace"
	ciliumNSLabels  = "io.cilium.k8s.namespace.labels."
	ciliumAccount   = "io.cilium.k8s.policy.serviceaccount"
	ciliumCluster   = "io.cilium.k8s.policy.cluster"
	reserved        = "reserved:"
)

// ciliumPolicy reads the spec of a CiliumNetworkPolicy, or, with no namespace, of a CiliumClusterwideNetworkPolicy
// (https://docs.cilium.io/en/stable/security/policy/language/).
func ciliumPolicy(p *policy, spec value) error {
	if _, err := spec.object(); err != nil {
		return err
	}
	subject := spec.get("endpointSelector")
	if !subject.given() {
		if spec.get("nodeSelector").given() {
			p.selects = func(*workload) (bool, bool) { return false, false } // it is about nodes
			return nil
		}
		return spec.wrong("the policy has neither endpointSelector nor nodeSelector")
	}
	who, err := ciliumEndpoints(subject, p.namespace)
	if err != nil {
		return err
	}
	p.tier, p.order = defaultTier, networkPolicyOrder
	p.selects = func(w *workload) (may, sure bool) {
		for _, one := range who {
			if one.kind == pods && !w.hostNetwork {
				may, sure = may || one.holds(w), sure || one.surely(w)
			}
		}
		return may, sure
	}
	for dir, name := range []string{"ingress", "egress"} {
		allowed, err := spec.get(name).list()
		if err != nil {
			return err
		}
		denied, err := spec.get(name + "Deny").list()
		if err != nil {
			return err
		}
		p.isolates[dir] = len(allowed)+len(denied) > 0
		if b, ok := spec.get("enableDefaultDeny", name).v.(bool); ok {
			p.isolates[dir] = b
		}
		for i, x := range append(allowed, denied...) {
			r, err := ciliumRule(p, x, dir == 1, i >= len(allowed))
			if err != nil {
				return err
			}
			p.rules = append(p.rules, r)
		}
	}
	return nil
}

func ciliumRule(p *policy, x value, egress, denies bool) (rule, error) {
	r := rule{policy: p, path: x.path, egress: egress}
	if denies {
		r.action = deny
	}
	m, err := x.object()
	if err != nil {
		return r, err
	}
	direction := "from"
	if egress {
		direction = "to"
	}
	layer3 := false
	for _, key := range sortedKeys(m) {
		field, ok := strings.CutPrefix(key, direction)
		if !ok || field == "Ports" || field == "Requires" || m[key] == nil {
			continue
		}
		layer3 = true
		ps, err := ciliumPeers(x.get(key), field, p.namespace)
		if err != nil {
			return r, err
		}
		r.peers = append(r.peers, ps...)
	}
	if err := r.ciliumPorts(x); err != nil {
		return r, err
	}
	if !layer3 && len(r.ports) > 0 { // a rule with nothing in it lets nobody through
		r.peers = []peer{{kind: everyone, path: x.path}}
	}
	r.allPorts = len(r.ports) == 0
	r.parts = len(r.peers) + len(r.ports)
	return r, nil
}

func ciliumPeers(x value, field, own string) ([]peer, error) {
	l, err := x.list()
	if err != nil {
		return nil, err
	}
	var out []peer
	for _, e := range l {
		var ps []peer
		var err error
		switch field {
		case "Endpoints":
			ps, err = ciliumEndpoints(e, own)
		case "Entities":
			ps, err = ciliumEntity(e)
		case "CIDR":
			var cidr netip.Prefix
			cidr, err = readPrefix(e)
			ps = []peer{{kind: block, in: []netip.Prefix{cidr}, path: e.path}}
		case "CIDRSet":
			ps, err = ciliumCIDRSet(e)
		case "FQDNs":
			ps, err = ciliumFQDN(e)
		case "Services":
			ps, err = ciliumService(e, own)
		default: // nodes, groups and whatever comes: somebody, under the field's name
			ps = []peer{{kind: named, name: strings.ToLower(field), hosts: field == "Nodes", unsure: true, path: e.path}}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, ps...)
	}
	return out, nil
}

// ciliumEndpoints reads a selector of endpoints. One that says nothing of namespaces stays in the policy's own.
func ciliumEndpoints(x value, own string) ([]peer, error) {
	sel, err := readSelector(x)
	if err != nil {
		return nil, err
	}
	p := peer{kind: pods, path: x.path}
	accounts, inNamespace := []string{""}, false
	for _, r := range sel {
		key := strings.TrimPrefix(strings.TrimPrefix(r.key, "k8s:"), "any:")
		switch {
		case strings.HasPrefix(key, reserved):
			return ciliumEntity(value{strings.TrimPrefix(key, reserved), x.path})
		case key == ciliumNamespace:
			inNamespace = true
			p.ns = append(p.ns, requirement{nameLabel, r.op, r.values})
		case strings.HasPrefix(key, ciliumNSLabels):
			inNamespace = true
			p.ns = append(p.ns, requirement{strings.TrimPrefix(key, ciliumNSLabels), r.op, r.values})
		case key == ciliumAccount && r.op == opIn:
			accounts = r.values
		case key == ciliumAccount, key == ciliumCluster:
			p.unsure = true
		default:
			p.pod = append(p.pod, requirement{key, r.op, r.values})
		}
	}
	p.pod, p.ns = p.pod.sorted(), p.ns.sorted()
	if !inNamespace && own != "" {
		p.namespace = own
	}
	var out []peer
	for _, a := range accounts {
		one := p
		one.account = a
		if one.namespace != "" {
			out = append(out, one)
		} else {
			out = append(out, pinned(one)...)
		}
	}
	return out, nil
}

func ciliumEntity(x value) ([]peer, error) {
	s, err := x.text()
	if err != nil {
		return nil, err
	}
	switch s {
	case "all":
		return []peer{{kind: everyone, path: x.path}}, nil
	case "world":
		return []peer{worldPeer(x.path)}, nil
	case "world-ipv4":
		return []peer{{kind: block, in: anywhere[:1], path: x.path}}, nil
	case "world-ipv6":
		return []peer{{kind: block, in: anywhere[1:], path: x.path}}, nil
	case "cluster":
		return []peer{{kind: pods, hosts: true, path: x.path}}, nil
	case "host", "remote-node":
		return []peer{{kind: named, name: s, hosts: true, path: x.path}}, nil
	case "init", "ingress", "health", "unmanaged", "kube-apiserver":
		return []peer{{kind: named, name: s, path: x.path}}, nil
	case "none":
		return nil, nil
	}
	return nil, x.wrong("entity %q: expected for example world, cluster, host or kube-apiserver", s)
}

func ciliumCIDRSet(x value) ([]peer, error) {
	if ref, _ := x.get("cidrGroupRef").v.(string); ref != "" {
		return []peer{{kind: named, name: "cidrgroup:" + ref, path: x.path}}, nil
	}
	if x.get("cidrGroupSelector").given() {
		return []peer{{kind: named, name: "cidrgroup:*", path: x.path}}, nil
	}
	cidr, err := readPrefix(x.get("cidr"))
	if err != nil {
		return nil, err
	}
	out, err := prefixes(x.get("except"))
	if err != nil {
		return nil, err
	}
	return []peer{{kind: block, in: []netip.Prefix{cidr}, out: out, path: x.path}}, nil
}

func ciliumFQDN(x value) ([]peer, error) {
	for _, key := range []string{"matchName", "matchPattern"} {
		s, err := x.get(key).text()
		if err != nil {
			return nil, err
		}
		switch {
		case s == "*" || s == "**": // any name is any address
			return []peer{worldPeer(x.path)}, nil
		case s != "":
			return []peer{{kind: named, name: strings.ToLower(strings.TrimSuffix(s, ".")), path: x.path}}, nil
		}
	}
	return nil, x.wrong("a peer of toFQDNs needs matchName or matchPattern")
}

func ciliumService(x value, own string) ([]peer, error) {
	if at := x.get("k8sServiceSelector"); at.given() {
		sel, err := readSelector(at.get("selector"))
		if err != nil {
			return nil, err
		}
		ns, err := at.get("namespace").text()
		one := peer{kind: named, path: x.path, unsure: true, services: &serviceSelector{ns, sel}}
		if ns == "" {
			ns = "*"
		}
		one.name = ns + "/service:" + sel.String()
		return []peer{one}, err
	}
	name, err := x.get("k8sService", "serviceName").text()
	if err != nil {
		return nil, err
	}
	ns, err := x.get("k8sService", "namespace").text()
	if err != nil {
		return nil, err
	}
	if ns == "" {
		ns = own
	}
	if name == "" {
		return nil, x.wrong("a peer of toServices needs k8sService.serviceName or k8sServiceSelector")
	}
	return []peer{{kind: named, name: ns + "/service:" + name, service: ns + "/" + name, path: x.path}}, nil
}
