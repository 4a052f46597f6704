// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"strings"
)

// rootNamespace holds the policies of the whole mesh.
const rootNamespace = "istio-system"

// trust is an answer that need not be known.
type trust int

const (
	no trust = iota
	maybe
	yes
)

func truth(b bool) trust {
	if b {
		return yes
	}
	return no
}

// sure is yes, or maybe.
func sure(b bool) trust {
	if b {
		return yes
	}
	return maybe
}

// authPolicy is an AuthorizationPolicy (https://istio.io/latest/docs/reference/config/security/authorization-policy/).
type authPolicy struct {
	policy  *policy
	deny    bool
	rules   []*authRule
	selects func(w *workload) bool
}

// authRule is one rule: any of the sources may ask for any of the operations while all conditions hold.
type authRule struct {
	path       []any
	sources    []clause
	operations []operation
	when       clause
	named      []caller // whom its sources name
	sure       bool     // of a DENY: no condition is left out that could spare a request
	index      int      // into the table of rules
}

// caller is a service account, or with none all of a namespace.
type caller struct{ namespace, account string }

// clause is conditions on the caller, all of which must hold.
type clause []condition

type condition func(id identity) trust

// operation is requests to some ports.
type operation struct {
	ports, notPorts []int
	op              op
	sure            bool
}

// identity is what the callee's proxy knows of a caller.
type identity struct {
	pod       bool
	outcast   bool // a pod that has no certificate of the mesh, as an address outside has none
	namespace string
	account   string
	generic   bool // some pod; those that rules name are asked for by themselves
	in, out   []netip.Prefix
}

// readAuthorization reads a policy; nil without an error if it does not bear on what a connection between workloads may ask.
func readAuthorization(p *policy, spec value) (*authPolicy, error) {
	if _, err := spec.object(); err != nil {
		return nil, err
	}
	a := &authPolicy{policy: p}
	action, err := spec.get("action").text()
	if err != nil {
		return nil, err
	}
	switch action {
	case "", "ALLOW":
	case "DENY":
		a.deny = true
	case "AUDIT", "CUSTOM": // one only logs; the other asks somebody else, who may deny more, never allow more
		return nil, nil
	default:
		return nil, spec.get("action").wrong("action %q: expected ALLOW, DENY, AUDIT or CUSTOM", action)
	}
	if spec.get("targetRef").given() || spec.get("targetRefs").given() {
		return nil, nil // it is about a gateway or a waypoint, not about the workload's own proxy
	}
	labels, err := spec.get("selector", "matchLabels").stringMap()
	if err != nil {
		return nil, err
	}
	a.selects = func(w *workload) bool {
		if p.namespace != rootNamespace && p.namespace != w.namespace.name {
			return false
		}
		for k, v := range labels {
			if have, ok := w.labels[k]; !ok || have != v {
				return false
			}
		}
		return true
	}
	rules, err := spec.get("rules").list()
	if err != nil {
		return nil, err
	}
	for _, x := range rules {
		r, err := readAuthRule(x, p.namespace)
		if err != nil {
			return nil, err
		}
		a.rules = append(a.rules, r)
	}
	return a, nil
}

func readAuthRule(x value, own string) (*authRule, error) {
	if _, err := x.object(); err != nil {
		return nil, err
	}
	r := &authRule{path: x.path, sure: true}
	from, err := x.get("from").list()
	if err != nil {
		return nil, err
	}
	for _, e := range from {
		c, who, err := readSource(e.get("source"), own)
		if err != nil {
			return nil, err
		}
		r.sources, r.named = append(r.sources, c), append(r.named, who...)
	}
	to, err := x.get("to").list()
	if err != nil {
		return nil, err
	}
	for _, e := range to {
		o, err := readOperation(e.get("operation"))
		if err != nil {
			return nil, err
		}
		r.operations = append(r.operations, o)
	}
	return r, r.readWhen(x.get("when"), own)
}

func readSource(x value, own string) (clause, []caller, error) {
	m, err := x.object()
	if err != nil {
		return nil, nil, err
	}
	var c clause
	var who []caller
	for _, key := range sortedKeys(m) {
		values, err := x.get(key).texts()
		if err != nil {
			return nil, nil, err
		}
		if len(values) == 0 {
			continue
		}
		name, negated := key, false
		if n, ok := strings.CutPrefix(key, "not"); ok && n != "" {
			name, negated = strings.ToLower(n[:1])+n[1:], true
		}
		cond, err := sourceCondition(name, x.get(key), values, own)
		if err != nil {
			return nil, nil, err
		}
		if negated {
			was := cond
			cond = func(id identity) trust { return yes - was(id) }
		} else {
			who = append(who, callersIn(name, values, own)...)
		}
		c = append(c, cond)
	}
	if len(c) == 0 {
		c = clause{unknown} // the API server refuses a source without a field
	}
	return c, who, nil
}

// callersIn is whom the values of a field name.
func callersIn(name string, values []string, own string) []caller {
	var out []caller
	for _, v := range values {
		switch name {
		case "principals":
			if ns, account, ok := principalParts(v); ok {
				out = append(out, caller{ns, account})
			}
		case "serviceAccounts":
			ns, account, ok := strings.Cut(v, "/")
			if !ok {
				ns, account = own, v
			}
			out = append(out, caller{ns, account})
		case "namespaces":
			if !strings.Contains(v, "*") {
				out = append(out, caller{v, ""})
			}
		}
	}
	return out
}
