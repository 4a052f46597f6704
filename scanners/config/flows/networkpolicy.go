// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"slices"
	"strings"
)

// rule is one rule of a network policy, whatever its kind.
type rule struct {
	policy   *policy
	path     []any
	egress   bool
	action   action
	peers    []peer
	ports    []port
	allPorts bool
	unsure   bool                               // it asks for more than could be read: it may mean fewer connections
	local    func(w *workload) (may, sure bool) // whom of the selected it is about; nil: all
	rank     rank
	parts    int // how much was read: what the limits count
}

// policy is one object that holds for pods.
type policy struct {
	item      int
	name      string                             // "NetworkPolicy shop/auth"
	selects   func(w *workload) (may, sure bool) // sure is what isolation and denial rest on
	isolates  [2]bool                            // ingress, egress
	rules     []rule
	namespace string
	tier      tier
	order     float64
	ordered   bool // its name orders it among those of the same order
	passes    bool // its tier leaves what no rule means to the next
}

// networkPolicy reads a NetworkPolicy of networking.k8s.io
// (https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/).
func networkPolicy(p *policy, spec value) error {
	if err := spec.only("podSelector", "policyTypes", "ingress", "egress"); err != nil {
		return err
	}
	sel, err := readSelector(spec.get("podSelector"))
	if err != nil {
		return err
	}
	p.tier, p.order = defaultTier, networkPolicyOrder
	p.selects = func(w *workload) (bool, bool) {
		yes := w.namespace.name == p.namespace && !w.hostNetwork && sel.matches(w.labels)
		return yes, yes
	}
	in, err := spec.get("ingress").list()
	if err != nil {
		return err
	}
	out, err := spec.get("egress").list()
	if err != nil {
		return err
	}
	// The API server's default: always Ingress; Egress if there is a rule for it.
	if p.isolates, err = isolated(spec.get("policyTypes"), "policy type", [2]bool{true, len(out) > 0}); err != nil {
		return err
	}
	for i, rules := range [][]value{in, out} {
		for _, x := range rules {
			r, err := networkRule(p, x, i == 1)
			if err != nil {
				return err
			}
			if p.isolates[i] {
				p.rules = append(p.rules, r)
			}
		}
	}
	return nil
}

// isolated is whether a policy isolates the pods that it selects, for ingress and for egress, by its list of types; otherwise holds where there is none.
func isolated(types value, noun string, otherwise [2]bool) ([2]bool, error) {
	list, err := types.texts()
	if err != nil {
		return [2]bool{}, err
	}
	for _, t := range list {
		if t != "Ingress" && t != "Egress" {
			return [2]bool{}, types.wrong("%s %q: expected Ingress or Egress", noun, t)
		}
	}
	if len(list) == 0 {
		return otherwise, nil
	}
	return [2]bool{slices.Contains(list, "Ingress"), slices.Contains(list, "Egress")}, nil
}

func networkRule(p *policy, x value, egress bool) (rule, error) {
	field := "from"
	if egress {
		field = "to"
	}
	r := rule{policy: p, path: x.path, egress: egress}
	if err := x.only(field, "ports"); err != nil {
		return r, err
	}
	peers, err := x.get(field).list()
	if err != nil {
		return r, err
	}
	for _, e := range peers {
		ps, err := networkPeer(e, p.namespace)
		if err != nil {
			return r, err
		}
		r.peers = append(r.peers, ps...)
	}
	if len(peers) == 0 {
		r.peers = []peer{{kind: everyone, path: x.path}}
	}
	ports, err := x.get("ports").list()
	if err != nil {
		return r, err
	}
	for _, e := range ports {
		pt, err := networkPort(e)
		if err != nil {
			return r, err
		}
		r.ports = append(r.ports, pt)
	}
	r.allPorts = len(ports) == 0
	r.parts = len(r.peers) + len(r.ports)
	return r, nil
}

func networkPeer(x value, own string) ([]peer, error) {
	if err := x.only("podSelector", "namespaceSelector", "ipBlock"); err != nil {
		return nil, err
	}
	pod, ns, ip := x.get("podSelector"), x.get("namespaceSelector"), x.get("ipBlock")
	switch {
	case ip.given() && (pod.given() || ns.given()):
		return nil, x.wrong("a peer has either ipBlock or selectors, not both")
	case ip.given():
		b, err := ipBlock(ip)
		return []peer{b}, err
	case !pod.given() && !ns.given():
		return nil, x.wrong("a peer needs podSelector, namespaceSelector or ipBlock")
	}
	podSel, err := readSelector(pod)
	if err != nil {
		return nil, err
	}
	if !ns.given() {
		return []peer{{kind: pods, path: x.path, namespace: own, pod: podSel}}, nil
	}
	nsSel, err := readSelector(ns)
	if err != nil {
		return nil, err
	}
	return pinned(peer{kind: pods, path: x.path, ns: nsSel, pod: podSel}), nil
}

// pinned makes one peer of each namespace that a peer names.
func pinned(p peer) []peer {
	var names []string
	found := false
	var rest selector
	for _, r := range p.ns {
		switch {
		case r.key != nameLabel:
			rest = append(rest, r)
		case r.op == opIn && !found:
			names, found = r.values, true
		case r.op == opIn:
			names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return !slices.Contains(r.values, n) })
		case r.op != opExists: // every namespace has the label
			rest = append(rest, r)
		}
	}
	p.ns = rest
	if !found {
		return []peer{p}
	}
	var out []peer
	for _, n := range names {
		one := p
		one.namespace = n
		one.ns = nil
		possible := true
		for _, r := range rest {
			if r.key != nameLabel {
				one.ns = append(one.ns, r)
			} else if !r.matches(map[string]string{nameLabel: n}) {
				possible = false
			}
		}
		if possible {
			out = append(out, one)
		}
	}
	return out
}

func ipBlock(x value) (peer, error) {
	p := peer{kind: block, path: x.path}
	if err := x.only("cidr", "except"); err != nil {
		return p, err
	}
	s, _ := x.get("cidr").v.(string)
	switch {
	case placeholder(s):
		return peer{kind: named, name: s, path: x.path}, nil
	case !strings.Contains(s, "/"):
		return p, x.get("cidr").wrong("expected a CIDR such as 10.0.0.0/8")
	}
	cidr, err := readPrefix(x.get("cidr"))
	if err != nil {
		return p, err
	}
	p.in = []netip.Prefix{cidr}
	if p.out, err = prefixes(x.get("except")); err != nil {
		return p, err
	}
	for _, o := range p.out {
		if !covers(cidr, o) || o.Bits() == cidr.Bits() {
			return p, x.get("except").wrong("%s is not within %s, or all of it", o, cidr)
		}
	}
	p.inPods = coversPods(p.in, p.out)
	return p, nil
}

func prefixes(x value) ([]netip.Prefix, error) {
	l, err := x.list()
	if err != nil {
		return nil, err
	}
	var out []netip.Prefix
	for _, e := range l {
		o, err := readPrefix(e)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

func networkPort(x value) (port, error) {
	if err := x.only("protocol", "port", "endPort"); err != nil {
		return port{}, err
	}
	protos, err := readProtocol(x.get("protocol"), false)
	if err != nil {
		return port{}, err
	}
	p := port{protos: protos, lo: 1, hi: 65535}
	num, end := x.get("port"), x.get("endPort")
	if !num.given() {
		if end.given() {
			return p, end.wrong("endPort needs port")
		}
		return p, nil
	}
	if s, ok := num.v.(string); ok {
		if end.given() {
			return p, end.wrong("endPort can't follow the name of a port")
		}
		if !validPortName(s) && !placeholder(s) {
			return p, num.wrong("%q is no name of a port\nhint: a number is written without quotes", s)
		}
		p.lo, p.hi, p.name = 0, 0, s
		return p, nil
	}
	n, ok := num.number()
	if !ok || n < 1 || n > 65535 {
		return p, num.wrong("expected a port of 1 to 65535")
	}
	p.lo, p.hi = n, n
	if end.given() {
		if p.hi, ok = end.number(); !ok || p.hi < n || p.hi > 65535 {
			return p, end.wrong("expected a port of %d to 65535", n)
		}
	}
	return p, nil
}

// placeholder reports that a value is put in later, by envsubst or the like. Whatever it is, it stands for somebody.
func placeholder(s string) bool { return strings.Contains(s, "${") || strings.Contains(s, "{{") }

// validPortName follows the API server: a label of at most 15 characters with a letter in it.
func validPortName(s string) bool {
	if len(s) == 0 || len(s) > 15 || s[0] == '-' || s[len(s)-1] == '-' || strings.Contains(s, "--") {
		return false
	}
	letter := false
	for _, c := range s {
		switch {
		case c >= 'a' && c <= 'z':
			letter = true
		case c < '0' && c != '-', c > '9':
			return false
		}
	}
	return letter
}
