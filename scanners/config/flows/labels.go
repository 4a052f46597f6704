// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"
	"strings"
)

// Operators of a requirement, as Kubernetes names them.
const (
	opIn        = "In"
	opNotIn     = "NotIn"
	opExists    = "Exists"
	opNotExists = "DoesNotExist"
)

// Operators that Calico has beside them.
const (
	opContains      = "contains"
	opNotContains   = "not contains"
	opStartsWith    = "starts with"
	opNotStartsWith = "not starts with"
	opEndsWith      = "ends with"
	opNotEndsWith   = "not ends with"
)

// requirement is one condition on labels.
type requirement struct {
	key, op string
	values  []string // sorted
}

// selector is conditions that all must hold; without any it selects everything.
type selector []requirement

// readSelector reads matchLabels and matchExpressions.
func readSelector(x value) (selector, error) {
	if err := x.only("matchLabels", "matchExpressions"); err != nil {
		return nil, err
	}
	labels, err := x.get("matchLabels").stringMap()
	if err != nil {
		return nil, err
	}
	var s selector
	for _, k := range sortedKeys(labels) {
		s = append(s, requirement{k, opIn, []string{labels[k]}})
	}
	exprs, err := x.get("matchExpressions").list()
	if err != nil {
		return nil, err
	}
	for _, e := range exprs {
		r, err := readRequirement(e)
		if err != nil {
			return nil, err
		}
		s = append(s, r)
	}
	return s.sorted(), nil
}

func readRequirement(x value) (requirement, error) {
	key, err := x.get("key").text()
	if err != nil {
		return requirement{}, err
	}
	op, err := x.get("operator").text()
	if err != nil {
		return requirement{}, err
	}
	values, err := x.get("values").texts()
	if err != nil {
		return requirement{}, err
	}
	slices.Sort(values)
	switch {
	case key == "":
		return requirement{}, x.wrong("a match expression needs a key")
	case op != opIn && op != opNotIn && op != opExists && op != opNotExists:
		return requirement{}, x.get("operator").wrong("operator %q: expected In, NotIn, Exists or DoesNotExist", op)
	case (op == opIn || op == opNotIn) && len(values) == 0:
		return requirement{}, x.get("values").wrong("operator %s needs values", op)
	case (op == opExists || op == opNotExists) && len(values) > 0:
		return requirement{}, x.get("values").wrong("operator %s takes no values", op)
	}
	return requirement{key, op, slices.Compact(values)}, nil
}

func (s selector) sorted() selector {
	slices.SortFunc(s, func(a, b requirement) int { return strings.Compare(a.String(), b.String()) })
	return slices.CompactFunc(s, func(a, b requirement) bool { return a.String() == b.String() })
}

// matches reports whether labels fulfil all requirements.
func (s selector) matches(labels map[string]string) bool {
	for _, r := range s {
		if !r.matches(labels) {
			return false
		}
	}
	return true
}

func (r requirement) matches(labels map[string]string) bool {
	v, has := labels[r.key]
	switch r.op {
	case opIn:
		return has && slices.Contains(r.values, v)
	case opNotIn:
		return !has || !slices.Contains(r.values, v)
	case opExists:
		return has
	case opContains:
		return has && strings.Contains(v, r.values[0])
	case opNotContains:
		return !has || !strings.Contains(v, r.values[0])
	case opStartsWith:
		return has && strings.HasPrefix(v, r.values[0])
	case opNotStartsWith:
		return !has || !strings.HasPrefix(v, r.values[0])
	case opEndsWith:
		return has && strings.HasSuffix(v, r.values[0])
	case opNotEndsWith:
		return !has || !strings.HasSuffix(v, r.values[0])
	}
	return !has
}

// sure is the labels that everything selected has.
func (s selector) sure() map[string]string {
	m := map[string]string{}
	for _, r := range s {
		if r.op == opIn && len(r.values) == 1 {
			m[r.key] = r.values[0]
		}
	}
	return m
}

// possible reports that something may have such labels. It may miss that nothing has.
func (s selector) possible() bool {
	for i, a := range s {
		for _, b := range s[:i] {
			if a.key == b.key && (a.excludes(b) || b.excludes(a)) {
				return false
			}
		}
	}
	return true
}

func (r requirement) excludes(t requirement) bool {
	switch r.op {
	case opIn:
		return !slices.ContainsFunc(r.values, func(v string) bool { return t.matches(map[string]string{r.key: v}) })
	case opNotExists:
		return !t.matches(nil)
	}
	return false
}

// implies reports that whatever s selects is selected by t. It may miss that, and never claims it wrongly.
func (s selector) implies(t selector) bool {
	for _, want := range t {
		if !slices.ContainsFunc(s, func(have requirement) bool { return have.implies(want) }) {
			return false
		}
	}
	return true
}

func (r requirement) implies(t requirement) bool {
	if r.key != t.key {
		return false
	}
	switch {
	case r.op == opIn:
		return !slices.ContainsFunc(r.values, func(v string) bool { return !t.matches(map[string]string{r.key: v}) })
	case r.op == opNotExists:
		return t.matches(nil)
	case t.op == opExists:
		return !r.matches(nil)
	case r.op == opNotIn && t.op == opNotIn:
		return !slices.ContainsFunc(t.values, func(v string) bool { return !slices.Contains(r.values, v) })
	}
	return r.op == t.op && slices.Equal(r.values, t.values)
}

// String is the selector as kubectl writes one; * if it selects everything.
func (s selector) String() string {
	if len(s) == 0 {
		return "*"
	}
	parts := make([]string, len(s))
	for i, r := range s {
		parts[i] = r.String()
	}
	return strings.Join(parts, ",")
}

func (r requirement) String() string {
	switch {
	case r.op == opExists:
		return r.key
	case r.op == opNotExists:
		return "!" + r.key
	case r.op == opNotIn && len(r.values) == 1:
		return r.key + "!=" + r.values[0]
	case r.op == opNotIn:
		return r.key + " notin (" + strings.Join(r.values, ",") + ")"
	case r.op == opIn && len(r.values) == 1:
		return r.key + "=" + r.values[0]
	case r.op != opIn && r.op != opNotIn:
		return r.key + " " + r.op + " " + r.values[0]
	}
	return r.key + " in (" + strings.Join(r.values, ",") + ")"
}
