// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"
	"strconv"
	"strings"
)

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
