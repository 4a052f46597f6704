// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"fmt"
	"slices"
	"strings"
)

// maxGroupDepth is how deep groups hold groups. Antrea lets them do so once.
const maxGroupDepth = 4

// antreaApplied are the pods that a list of appliedTo means. Nodes, external machines and the ports of nodes are none.
func (w *world) antreaApplied(p *policy, x value) ([]peer, error) {
	list, err := x.list()
	if err != nil {
		return nil, err
	}
	var out []peer
	for _, e := range list {
		if err := e.only("podSelector", "namespaceSelector", "group", "serviceAccount", "externalEntitySelector", "nodeSelector", "service"); err != nil {
			return nil, err
		}
		if e.get("externalEntitySelector").given() || e.get("nodeSelector").given() || e.get("service").given() {
			continue
		}
		more, err := w.antreaPods(p.namespace, e)
		if err != nil {
			return nil, err
		}
		for _, one := range more {
			if one.kind == pods {
				out = append(out, one)
			} else if one.service != "" {
				return nil, &unknownError{e.path, fmt.Sprintf("the tree has no Service %s, whose pods the policy holds for: what it allows or denies is not in the graph", one.service)}
			}
		}
	}
	return out, nil
}

// antreaPods are pods by selectors, by service account, or by a group.
func (w *world) antreaPods(own string, x value) ([]peer, error) {
	account := x.get("serviceAccount")
	switch {
	case x.get("group").given():
		name, err := x.get("group").text()
		if err != nil {
			return nil, err
		}
		return w.antreaMembers(own, name, x.get("group").path, 0)
	case account.given():
		name, err := account.get("name").text()
		if err != nil {
			return nil, err
		}
		ns, err := account.get("namespace").text()
		if ns == "" {
			ns = own
		}
		if err == nil && (name == "" || ns == "") {
			err = account.wrong("expected the name and the namespace of a service account")
		}
		return []peer{{kind: pods, path: x.path, namespace: ns, account: name}}, err
	}
	p := peer{kind: pods, path: x.path}
	var err error
	if p.pod, err = readSelector(x.get("podSelector")); err != nil {
		return nil, err
	}
	if ns := x.get("namespaceSelector"); !ns.given() {
		p.namespace = own // of all namespaces, if the policy has none
	} else if p.ns, err = readSelector(ns); err != nil {
		return nil, err
	}
	return pinned(p), nil
}

// antreaMembers are those of a group.
func (w *world) antreaMembers(own, name string, path []any, depth int) ([]peer, error) {
	at := strings.TrimPrefix(own+"/"+name, "/")
	x, there := w.antrea.groups[at]
	if !there || depth > maxGroupDepth {
		return nil, &unknownError{path, fmt.Sprintf("the tree has no group %q: what the policy allows or denies is not in the graph", at)}
	}
	if err := x.only("podSelector", "namespaceSelector", "ipBlock", "ipBlocks", "serviceReference", "childGroups", "externalEntitySelector", "nodeSelector"); err != nil {
		return nil, err
	}
	children, err := x.get("childGroups").texts()
	if err != nil {
		return nil, err
	}
	var out []peer
	for _, child := range children {
		more, err := w.antreaMembers(own, child, path, depth+1)
		if err != nil {
			return nil, err
		}
		out = append(out, more...)
	}
	blocks, err := x.get("ipBlocks").list()
	if err != nil {
		return nil, err
	}
	if x.get("ipBlock").given() {
		blocks = append(slices.Clone(blocks), x.get("ipBlock"))
	}
	for _, b := range blocks {
		one, err := ipBlock(b)
		if err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	var more []peer
	switch {
	case x.get("serviceReference").given():
		more, err = w.antreaService(own, x.get("serviceReference"))
	case x.get("podSelector").given() || x.get("namespaceSelector").given():
		more, err = w.antreaPods(own, x)
	}
	out = append(out, more...)
	for n := range out {
		out[n].path = path
	}
	return out, err
}

// antreaService is the pods of a Service.
func (w *world) antreaService(own string, x value) ([]peer, error) {
	if err := x.only("name", "namespace", "scope"); err != nil {
		return nil, err
	}
	name, err := x.get("name").text()
	if err != nil {
		return nil, err
	}
	ns, err := x.get("namespace").text()
	if ns == "" {
		ns = own
	}
	at := ns + "/" + name
	if s, ok := w.services[at]; ok {
		return []peer{{kind: pods, namespace: ns, pod: s.pods, path: x.path}}, err
	}
	return []peer{{kind: named, name: ns + "/service:" + name, service: at, unsure: true, path: x.path}}, err
}

func (w *world) antreaPeer(p *policy, x value, egress bool) ([]peer, error) {
	fields := []string{"podSelector", "namespaceSelector", "ipBlock", "group", "serviceAccount", "externalEntitySelector", "nodeSelector", "scope"}
	if egress {
		fields = append(fields, "fqdn")
	}
	if err := x.only(fields...); err != nil {
		return nil, err
	}
	switch {
	case x.get("ipBlock").given():
		b, err := ipBlock(x.get("ipBlock"))
		return []peer{b}, err
	case x.get("fqdn").given():
		name, err := x.get("fqdn").text()
		return []peer{{kind: named, name: strings.ToLower(strings.TrimSuffix(name, ".")), path: x.path}}, err
	case x.get("nodeSelector").given():
		_, err := readSelector(x.get("nodeSelector"))
		return []peer{{kind: named, name: "nodes", hosts: true, unsure: true, path: x.path}}, err
	case x.get("externalEntitySelector").given():
		return []peer{{kind: named, name: "external entities", unsure: true, path: x.path}}, nil
	}
	return w.antreaPods(p.namespace, x)
}

// antreaPorts reads ports and protocols. What is asked beside them, such as the port of the source, is left out of what denies.
func (r *rule) antreaPorts(x value) error {
	ports, err := x.get("ports").list()
	if err != nil {
		return err
	}
	for _, e := range ports {
		m, _ := e.v.(map[string]any)
		if err := e.only("protocol", "port", "endPort", "sourcePort", "sourceEndPort"); err != nil {
			return err
		}
		one, err := networkPort(value{some(m, "protocol", "port", "endPort"), e.path})
		if err != nil {
			return err
		}
		r.antreaPort(one, m["sourcePort"] != nil)
	}
	protos, err := x.get("protocols").list()
	if err != nil {
		return err
	}
	for _, e := range protos {
		if err := e.only("icmp", "igmp"); err != nil {
			return err
		}
		icmp, _ := e.get("icmp").v.(map[string]any)
		r.antreaPort(port{protos: []protocol{other}, lo: 1, hi: 1}, icmp == nil || len(icmp) > 0)
	}
	r.allPorts = len(ports)+len(protos) == 0
	r.parts = len(r.peers) + len(r.ports) + 1
	return nil
}

func (r *rule) antreaPort(p port, partly bool) {
	if partly && r.action == deny {
		return
	}
	r.unsure = r.unsure || partly
	r.ports = append(r.ports, p)
}

// antreaRequests limits rules to requests of HTTP. What else comes to their ports is dropped.
func antreaRequests(rules []rule, x value) ([]rule, error) {
	list, err := x.list()
	if err != nil || len(list) == 0 {
		return rules, err
	}
	if rules[0].action != allow {
		return nil, x.wrong("only rules that allow have l7Protocols")
	}
	var requests ops
	for _, e := range list {
		if err := e.only("http", "tls"); err != nil {
			return nil, err
		}
		if !e.get("http").given() { // which names TLS may ask for does not narrow a flow
			return rules, nil
		}
		one, err := antreaHTTP(e.get("http"))
		if err != nil {
			return nil, err
		}
		requests = append(requests, one)
	}
	requests = requests.canonical()
	var out []rule
	for _, r := range rules {
		none := r
		none.ports, none.allPorts, none.action = nil, false, deny
		all := r.ports
		if r.allPorts {
			all = []port{{protos: []protocol{tcp}, lo: 1, hi: 65535}, {protos: []protocol{udp, sctp, other}, lo: 1, hi: 65535}}
		}
		r.ports, r.allPorts = nil, false
		for _, p := range all {
			if slices.Equal(p.protos, []protocol{tcp}) {
				none.ports = append(none.ports, p)
				p.ops = requests
			}
			r.ports = append(r.ports, p)
		}
		out = append(out, r, none)
	}
	return out, nil
}

func antreaHTTP(x value) (op, error) {
	o := op{allMethods(), allPaths()}
	if err := x.only("host", "method", "path"); err != nil {
		return o, err
	}
	method, err := x.get("method").text()
	if err != nil {
		return o, err
	}
	path, err := x.get("path").text()
	if method != "" {
		o.m = methods{set: []string{strings.ToUpper(method)}}
	}
	if path != "" {
		o.p = paths{in: []pattern{pattern(path)}}
	}
	return o, err
}
