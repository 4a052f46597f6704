// SPDX-License-Identifier: Apache-2.0

package flows

import (
	"slices"
	"strings"
)

// Limits of Calico's selectors.
const (
	maxSelector     = 4096 // bytes
	maxNesting      = 50
	maxAlternatives = 256
)

// alternatives are selectors, one of which has to hold.
type alternatives []selector

// calicoSelector reads an expression such as: role == 'db' && (env in {'a', 'b'} || !has(tier)). None, and all(), select everything. It is brought
// to alternatives without "or" and "not" inside (https://docs.tigera.io/calico/latest/reference/resources/globalnetworkpolicy#selectors).
func calicoSelector(x value) (alternatives, error) {
	return calicoExpression(x, false)
}

// calicoExpression is a selector, or with not what it does not select.
func calicoExpression(x value, not bool) (alternatives, error) {
	text, err := x.text()
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(text) == "" {
		return alternatives{nil}, nil
	}
	if len(text) > maxSelector {
		return nil, x.wrong("the selector has more than %d bytes", maxSelector)
	}
	s := &selectorText{left: text, x: x}
	out, err := s.or(not, 0)
	if err != nil {
		return nil, err
	}
	if s.skip(); s.left != "" {
		return nil, x.wrong("unexpected %q in the selector", s.left)
	}
	return out, nil
}

// selectorText is what is left to be read.
type selectorText struct {
	left string
	x    value
}

func (s *selectorText) skip() { s.left = strings.TrimLeft(s.left, " \t\r\n") }

func (s *selectorText) take(word string) bool {
	s.skip()
	rest, ok := strings.CutPrefix(s.left, word)
	if ok {
		s.left = rest
	}
	return ok
}

func (s *selectorText) or(not bool, depth int) (alternatives, error) {
	if depth > maxNesting {
		return nil, s.x.wrong("the selector is nested more than %d deep", maxNesting)
	}
	out, err := s.and(not, depth)
	for err == nil && s.take("||") {
		var more alternatives
		if more, err = s.and(not, depth); err == nil {
			out, err = s.join(out, more, not)
		}
	}
	return out, err
}

func (s *selectorText) and(not bool, depth int) (alternatives, error) {
	out, err := s.term(not, depth)
	for err == nil && s.take("&&") {
		var more alternatives
		if more, err = s.term(not, depth); err == nil {
			out, err = s.join(out, more, !not)
		}
	}
	return out, err
}

// join makes one of two: both have to hold, or either.
func (s *selectorText) join(a, b alternatives, both bool) (alternatives, error) {
	out := append(slices.Clone(a), b...)
	if both {
		out = nil
		for _, x := range a {
			for _, y := range b {
				if one := append(slices.Clone(x), y...).sorted(); one.possible() {
					out = append(out, one)
				}
			}
			if len(out) > maxAlternatives {
				break
			}
		}
	}
	if len(out) > maxAlternatives {
		return nil, &unknownError{s.x.path, "the selector has more than 256 alternatives: the policy is not in the graph"}
	}
	return out, nil
}

func (s *selectorText) term(not bool, depth int) (alternatives, error) {
	switch {
	case s.take("!"):
		return s.negated(not, depth)
	case s.take("("):
		out, err := s.or(not, depth+1)
		if err == nil && !s.take(")") {
			err = s.x.wrong("the selector lacks a )")
		}
		return out, err
	case s.call("all"):
		return every(not), nil
	case s.call("global"): // what is in no namespace, which no pod is
		return every(!not), nil
	}
	before := s.left
	if s.take("has") && s.take("(") {
		key := s.word()
		if key == "" || !s.take(")") {
			return nil, s.x.wrong("expected has(label) at %q", before)
		}
		return single(requirement{key, opExists, nil}, not), nil
	}
	s.left = before
	return s.comparison(not)
}

func (s *selectorText) negated(not bool, depth int) (alternatives, error) {
	if depth > maxNesting {
		return nil, s.x.wrong("the selector is nested more than %d deep", maxNesting)
	}
	return s.term(!not, depth+1)
}

// call takes name() .
func (s *selectorText) call(name string) bool {
	before := s.left
	if s.take(name) && s.take("(") && s.take(")") {
		return true
	}
	s.left = before
	return false
}

func every(none bool) alternatives {
	if none {
		return nil
	}
	return alternatives{nil}
}

func single(r requirement, not bool) alternatives {
	if not {
		r.op = negations[r.op]
	}
	return alternatives{{r}}
}

// negations are what holds where an operator does not.
var negations = map[string]string{opIn: opNotIn, opNotIn: opIn, opExists: opNotExists, opNotExists: opExists, opContains: opNotContains, opStartsWith: opNotStartsWith,
	opEndsWith: opNotEndsWith}

func (s *selectorText) comparison(not bool) (alternatives, error) {
	key := s.word()
	if key == "" {
		return nil, s.x.wrong("expected a label at %q in the selector", s.left)
	}
	for _, c := range []struct{ text, op string }{{"==", opIn}, {"!=", opNotIn}, {"contains", opContains}, {"starts with", opStartsWith},
		{"startsWith", opStartsWith}, {"ends with", opEndsWith}, {"endsWith", opEndsWith}} {
		if s.take(c.text) {
			v, ok := s.quoted()
			if !ok {
				return nil, s.x.wrong("expected a text in quotes after %s %s in the selector", key, c.text)
			}
			return single(requirement{key, c.op, []string{v}}, not), nil
		}
	}
	op := opIn
	if s.take("not in") || s.take("notin") {
		op = opNotIn
	} else if !s.take("in") {
		return nil, s.x.wrong("expected an operator such as == after %s in the selector", key)
	}
	values, ok := s.set()
	if !ok {
		return nil, s.x.wrong("expected a set such as {'a', 'b'} after %s in the selector", key)
	}
	if len(values) == 0 { // nothing is in it
		return every(not == (op == opNotIn)), nil
	}
	slices.Sort(values)
	return single(requirement{key, op, slices.Compact(values)}, not), nil
}

func (s *selectorText) word() string {
	s.skip()
	n := strings.IndexFunc(s.left, func(r rune) bool {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		return !letter && !strings.ContainsRune("_./-", r)
	})
	if n < 0 {
		n = len(s.left)
	}
	word := s.left[:n]
	s.left = s.left[n:]
	return word
}

func (s *selectorText) quoted() (string, bool) {
	s.skip()
	if s.left == "" || s.left[0] != '\'' && s.left[0] != '"' {
		return "", false
	}
	text, rest, ok := strings.Cut(s.left[1:], s.left[:1])
	if ok {
		s.left = rest
	}
	return text, ok
}

func (s *selectorText) set() ([]string, bool) {
	if !s.take("{") {
		return nil, false
	}
	out := []string{}
	for !s.take("}") {
		v, ok := s.quoted()
		if !ok {
			return nil, false
		}
		out = append(out, v)
		if !s.take(",") {
			return out, s.take("}")
		}
	}
	return out, true
}
