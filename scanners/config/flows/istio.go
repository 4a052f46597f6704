// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"net/netip"
	"slices"
	"strconv"
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

func readOperation(x value) (operation, error) {
	m, err := x.object()
	o := operation{op: op{allMethods(), allPaths()}, sure: len(m) > 0}
	if err != nil {
		return o, err
	}
	for _, key := range sortedKeys(m) {
		values, err := x.get(key).texts()
		if err != nil {
			return o, err
		}
		if len(values) == 0 {
			continue
		}
		switch key {
		case "methods", "notMethods":
			o.methods(values, key == "notMethods")
		case "paths", "notPaths":
			o.paths(values, key == "notPaths")
		case "ports":
			o.ports, err = readPorts(x.get(key), values)
		case "notPorts":
			o.notPorts, err = readPorts(x.get(key), values)
		default: // hosts: the caller chooses what it says
			o.sure = false
		}
		if err != nil {
			return o, err
		}
	}
	return o, nil
}

func (o *operation) methods(values []string, not bool) {
	slices.Sort(values)
	switch {
	case slices.Contains(values, "*"):
		if not {
			o.op.m = methods{}
		}
	case slices.ContainsFunc(values, func(v string) bool { return strings.Contains(v, "*") }):
		o.sure = false // some methods, nobody can list which
	default:
		o.op.m = o.op.m.and(methods{not, slices.Compact(values)})
	}
}

func (o *operation) paths(values []string, not bool) {
	l := make([]pattern, len(values))
	for i, v := range values {
		l[i] = pattern(v)
	}
	if not {
		o.op.p.out = l
	} else {
		o.op.p.in = l
	}
}

func readPorts(x value, values []string) ([]int, error) {
	var out []int
	for _, v := range values {
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 || n > 65535 {
			return nil, x.wrong("port %q: expected a number of 1 to 65535, as text", v)
		}
		out = append(out, n)
	}
	return out, nil
}

// readWhen reads the conditions. Those on the caller and the port are judged; of others nobody knows from manifests whether they hold.
func (r *authRule) readWhen(x value, own string) error {
	l, err := x.list()
	if err != nil {
		return err
	}
	for _, e := range l {
		key, err := e.get("key").text()
		if err != nil {
			return err
		}
		for _, field := range []string{"values", "notValues"} {
			values, err := e.get(field).texts()
			if err != nil {
				return err
			}
			if len(values) == 0 {
				continue
			}
			if err := r.condition(key, e.get(field), values, field == "notValues", own); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *authRule) condition(key string, x value, values []string, not bool, own string) error {
	name := map[string]string{"source.principal": "principals", "source.namespace": "namespaces", "source.serviceAccount": "serviceAccounts", "source.ip": "ipBlocks"}[key]
	switch {
	case key == "destination.port":
		ports, err := readPorts(x, values)
		if err != nil {
			return err
		}
		if len(r.operations) == 0 {
			r.operations = []operation{{op: op{allMethods(), allPaths()}, sure: true}}
		}
		for i := range r.operations {
			r.operations[i].limit(ports, not)
		}
		return nil
	case name == "":
		r.sure = false
		return nil
	}
	cond, err := sourceCondition(name, x, values, own)
	if err != nil {
		return err
	}
	if not {
		was := cond
		cond = func(id identity) trust { return yes - was(id) }
	} else {
		r.named = append(r.named, callersIn(name, values, own)...)
	}
	r.when = append(r.when, cond)
	return nil
}

// limit narrows an operation to ports, or to others.
func (o *operation) limit(ports []int, not bool) {
	switch {
	case not:
		o.notPorts = append(slices.Clone(o.notPorts), ports...)
	case o.ports == nil:
		o.ports = ports
	default:
		o.ports = slices.DeleteFunc(slices.Clone(o.ports), func(p int) bool { return !slices.Contains(ports, p) })
		if len(o.ports) == 0 {
			o.ports = []int{0} // no port at all
		}
	}
}

func (o operation) at(port int) bool {
	return (len(o.ports) == 0 || slices.Contains(o.ports, port)) && !slices.Contains(o.notPorts, port)
}
