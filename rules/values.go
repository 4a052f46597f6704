// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"iter"

	"github.com/open-policy-agent/opa/v1/ast"
)

// maxShared is how long texts may be that are kept once for a whole document: names and words that come again and again.
const maxShared = 64

// sharing converts documents as ast.InterfaceToValue does, with one term for equal texts: a tree of manifests says the same few words in each of them.
type sharing struct{ texts map[string]*ast.Term }

func newSharing() *sharing { return &sharing{map[string]*ast.Term{}} }

func (s *sharing) text(v string) *ast.Term {
	if len(v) > maxShared {
		return ast.StringTerm(v)
	}
	t, known := s.texts[v]
	if !known {
		t = ast.StringTerm(v)
		s.texts[v] = t
	}
	return t
}

func (s *sharing) term(v any) (*ast.Term, error) {
	switch v := v.(type) {
	case string:
		return s.text(v), nil
	case []any:
		terms := make([]*ast.Term, len(v))
		for i, e := range v {
			var err error
			if terms[i], err = s.term(e); err != nil {
				return nil, err
			}
		}
		return ast.NewTerm(ast.NewArray(terms...)), nil
	case iter.Seq[any]: // a list whose elements are made one by one
		var terms []*ast.Term
		for e := range v {
			t, err := s.term(e)
			if err != nil {
				return nil, err
			}
			terms = append(terms, t)
		}
		return ast.NewTerm(ast.NewArray(terms...)), nil
	case error: // an element could not be made
		return nil, v
	case map[string]any:
		pairs := make([][2]*ast.Term, 0, len(v))
		for k, e := range v {
			t, err := s.term(e)
			if err != nil {
				return nil, err
			}
			pairs = append(pairs, [2]*ast.Term{s.text(k), t})
		}
		return ast.NewTerm(ast.NewObject(pairs...)), nil
	}
	value, err := ast.InterfaceToValue(v)
	if err != nil {
		return nil, err
	}
	return ast.NewTerm(value), nil
}
