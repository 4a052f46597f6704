// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
	"github.com/open-policy-agent/opa/v1/version"
)

// encoder writes what decoder reads, and refuses what it has no form for.
type encoder struct {
	t         testing.TB
	out       []byte
	words     []string
	known     map[string]int
	locations []ast.Location
	places    map[string]int
	terms     int
	exprs     int
}

func encodeCompiled(t testing.TB, rules []*Rule, modules map[string]*ast.Module, sum string) string {
	t.Helper()
	e := &encoder{t: t, known: make(map[string]int), places: make(map[string]int)}
	e.count(len(modules))
	for _, name := range util.KeysSorted(modules) {
		e.word(name)
		e.module(modules[name])
	}
	records := make([]ruleRecord, 0, len(rules))
	for _, r := range rules {
		records = append(records, ruleRecord{*r, r.path, r.decisions, r.file, r.line})
	}
	described, err := json.Marshal(records)
	if err != nil {
		t.Fatal(err)
	}
	places := &encoder{known: e.known, words: e.words}
	for _, l := range e.locations {
		places.word(l.File)
		places.count(l.Row)
		places.count(l.Col)
	}
	head := &encoder{}
	head.text(string(described))
	head.count(len(places.words))
	for _, w := range places.words {
		head.text(w)
	}
	head.count(len(e.locations))
	head.out = append(head.out, places.out...)
	head.count(e.terms)
	head.count(e.exprs)
	return compiledMagic + "\n" + version.Version + "\n" + sum + "\n" + string(head.out) + string(e.out)
}

func (e *encoder) count(n int) { e.out = binary.AppendUvarint(e.out, uint64(n)) }

func (e *encoder) text(s string) {
	e.count(len(s))
	e.out = append(e.out, s...)
}

func (e *encoder) word(s string) {
	i, ok := e.known[s]
	if !ok {
		i = len(e.words)
		e.known[s], e.words = i, append(e.words, s)
	}
	e.count(i)
}

func (e *encoder) flag(b bool) {
	if b {
		e.count(1)
	} else {
		e.count(0)
	}
}

func (e *encoder) location(l *ast.Location) {
	if l == nil {
		e.count(0)
		return
	}
	key := fmt.Sprintf("%s:%d:%d", l.File, l.Row, l.Col)
	i, ok := e.places[key]
	if !ok {
		e.locations = append(e.locations, ast.Location{File: l.File, Row: l.Row, Col: l.Col})
		i = len(e.locations)
		e.places[key] = i
	}
	e.count(i)
}

func (e *encoder) module(m *ast.Module) {
	if len(m.Imports) > 0 {
		e.t.Fatalf("%s: the compiler leaves no imports", m.Package)
	}
	e.location(m.Package.Location)
	e.list(m.Package.Path)
	e.count(len(m.Rules))
	for _, r := range m.Rules {
		e.rule(r)
	}
}

func (e *encoder) rule(r *ast.Rule) {
	e.location(r.Location)
	e.flag(r.Default)
	e.location(r.Head.Location)
	e.word(string(r.Head.Name))
	e.list(r.Head.Reference)
	e.list(r.Head.Args)
	e.flag(r.Head.Assign)
	e.optional(r.Head.Key)
	e.optional(r.Head.Value)
	e.body(r.Body)
	e.flag(r.Else != nil)
	if r.Else != nil {
		e.rule(r.Else)
	}
}

func (e *encoder) body(b ast.Body) {
	e.count(len(b))
	for _, x := range b {
		e.expr(x)
	}
}

func (e *encoder) expr(x *ast.Expr) {
	e.exprs++
	e.location(x.Location)
	e.count(x.Index)
	e.flag(x.Generated)
	e.flag(x.Negated)
	if len(x.With) > 0 {
		e.t.Fatalf("%s: there is no form for `with`", x.Location)
	}
	switch terms := x.Terms.(type) {
	case *ast.Term:
		e.count(tagTerm)
		e.term(terms)
	case []*ast.Term:
		e.count(tagTerms)
		e.list(terms)
	case *ast.Every:
		e.count(tagEvery)
		e.location(terms.Location)
		e.optional(terms.Key)
		e.term(terms.Value)
		e.term(terms.Domain)
		e.body(terms.Body)
	default:
		e.t.Fatalf("%s: there is no form for %T", x.Location, terms)
	}
}

func (e *encoder) list(l []*ast.Term) {
	e.count(len(l))
	for _, t := range l {
		e.term(t)
	}
}

func (e *encoder) optional(t *ast.Term) {
	e.flag(t != nil)
	if t != nil {
		e.term(t)
	}
}

func (e *encoder) term(t *ast.Term) {
	e.terms++
	e.location(t.Location)
	switch v := t.Value.(type) {
	case ast.Null:
		e.count(tagNull)
	case ast.Boolean:
		if e.count(tagFalse); v {
			e.out[len(e.out)-1] = tagTrue
		}
	case ast.Number:
		e.count(tagNumber)
		e.word(string(v))
	case ast.String:
		e.count(tagString)
		e.word(string(v))
	case ast.Var:
		e.count(tagVar)
		e.word(string(v))
	case ast.Ref:
		e.count(tagRef)
		e.list(v)
	case ast.Call:
		e.count(tagCall)
		e.list(v)
	case *ast.Array:
		e.count(tagArray)
		e.count(v.Len())
		v.Foreach(e.term)
	case ast.Set:
		e.count(tagSet)
		e.list(v.Slice())
	case ast.Object:
		e.count(tagObject)
		e.count(v.Len())
		v.Foreach(func(k, v *ast.Term) {
			e.term(k)
			e.term(v)
		})
	case *ast.ArrayComprehension:
		e.count(tagArrayComprehension)
		e.term(v.Term)
		e.body(v.Body)
	case *ast.SetComprehension:
		e.count(tagSetComprehension)
		e.term(v.Term)
		e.body(v.Body)
	case *ast.ObjectComprehension:
		e.count(tagObjectComprehension)
		e.term(v.Key)
		e.term(v.Value)
		e.body(v.Body)
	default:
		e.t.Fatalf("%s: there is no form for %T", t.Location, v)
	}
}
