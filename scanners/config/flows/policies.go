// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"errors"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
)

func (w *world) readPolicy(o Object) error {
	x := value{v: o.Object}
	kind, _ := x.get("kind").text()
	name, _ := x.get("metadata", "name").text()
	p := &policy{item: o.Item, namespace: o.Namespace, name: strings.TrimSuffix(kind+" "+o.Namespace+"/"+name, "/")}
	var err error
	full := kind + "." + group(x)
	if group(x) == "policy.networking.k8s.io" && adminKinds[kind] {
		p.namespace, p.name = "", kind+" "+name
		if err = adminPolicy(p, kind, x.get("spec")); err != nil {
			w.refuse(p, err)
			return nil
		}
		return w.addPolicy(p)
	}
	if isCalico(group(x)) && (kind == "NetworkPolicy" || kind == "GlobalNetworkPolicy") {
		if kind == "GlobalNetworkPolicy" {
			p.namespace, p.name = "", kind+" "+name
		}
		p.name = "Calico " + p.name
		if err = w.calicoPolicy(p, x.get("spec")); err != nil {
			w.refuse(p, err)
			return nil
		}
		return w.addPolicy(p)
	}
	if group(x) == antreaGroup && (kind == "NetworkPolicy" || kind == "ClusterNetworkPolicy") {
		if kind == "ClusterNetworkPolicy" {
			p.namespace, p.name = "", kind+" "+name
		}
		p.name = "Antrea " + p.name
		if err = w.antreaPolicy(p, x.get("spec")); err != nil {
			w.refuse(p, err)
			return nil
		}
		return w.addPolicy(p)
	}
	switch full {
	case "NetworkPolicy.networking.k8s.io", "NetworkPolicy.extensions":
		err = networkPolicy(p, x.get("spec"))
	case "CiliumNetworkPolicy.cilium.io", "CiliumClusterwideNetworkPolicy.cilium.io":
		if kind != "CiliumNetworkPolicy" {
			p.namespace, p.name = "", kind+" "+name
		}
		return w.readCilium(p, x)
	case "AuthorizationPolicy.security.istio.io":
		var a *authPolicy
		if a, err = readAuthorization(p, x.get("spec")); a != nil && err == nil {
			return w.addAuth(a)
		}
	default:
		return nil
	}
	if err != nil {
		w.refuse(p, err)
		return nil
	}
	return w.addPolicy(p)
}

func (w *world) readCilium(p *policy, x value) error {
	specs := []value{}
	if x.get("spec").given() {
		specs = append(specs, x.get("spec"))
	}
	more, err := x.get("specs").list()
	if err != nil {
		w.refuse(p, err)
		return nil
	}
	for _, spec := range append(specs, more...) {
		one := *p
		if err := ciliumPolicy(&one, spec); err != nil {
			w.refuse(p, err)
			continue
		}
		if err := w.addPolicy(&one); err != nil {
			return err
		}
	}
	return nil
}

// refuse notes a policy that holds for nothing, since the API server would not take it, or that nobody can place without what the tree lacks.
func (w *world) refuse(p *policy, err error) {
	one := predicate.FlowFault{Item: p.item, Path: []any{}, Policy: p.name, Kind: predicate.FaultInvalid, Message: err.Error()}
	var f *fault
	var u *unknownError
	if errors.As(err, &u) {
		one.Path, one.Kind = u.path, predicate.FaultUnsupported
	} else if errors.As(err, &f) && f.path != nil {
		one.Path = f.path
	}
	w.unread = append(w.unread, one)
}

func (w *world) addPolicy(p *policy) error {
	if p.selects == nil {
		return nil
	}
	w.policies = append(w.policies, p)
	for i := range p.rules {
		w.parts += p.rules[i].parts + 1
	}
	return w.bounded()
}

func (w *world) addAuth(a *authPolicy) error {
	w.auths = append(w.auths, a)
	for _, r := range a.rules {
		w.parts += 1 + len(r.sources) + len(r.operations)
	}
	return w.bounded()
}

func (w *world) bounded() error {
	if len(w.policies)+len(w.auths) > MaxPolicies {
		return &LimitError{"policies", MaxPolicies}
	}
	if w.parts > MaxParts {
		return &LimitError{"rules, peers and ports of policies", MaxParts}
	}
	return nil
}

// bindServices puts the pods of a Service of the tree in place of its name.
func (w *world) bindServices() {
	for _, p := range w.policies {
		for i := range p.rules {
			for j, e := range p.rules[i].peers {
				if one, ok := w.services[e.service]; ok && e.service != "" {
					ns, _, _ := strings.Cut(e.service, "/")
					p.rules[i].peers[j] = peer{kind: pods, namespace: ns, pod: one.pods, path: e.path, unsure: e.unsure}
				}
				if e.services == nil {
					continue
				}
				for _, at := range sortedKeys(w.services) { // beside others that the cluster may have
					if ns, _, _ := strings.Cut(at, "/"); e.services.holds(ns, w.services[at]) {
						p.rules[i].peers = append(p.rules[i].peers, peer{kind: pods, namespace: ns, pod: w.services[at].pods, path: e.path, unsure: true})
					}
				}
			}
		}
	}
}

// service is what the tree says of a Service: whose pods, under which labels.
type service struct {
	pods   selector
	labels map[string]string
}

// serviceSelector selects Services by namespace, if it names one, and labels.
type serviceSelector struct {
	namespace string
	labels    selector
}

func (s *serviceSelector) holds(namespace string, one service) bool {
	return (s.namespace == "" || s.namespace == namespace) && s.labels.matches(one.labels)
}
