// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
	"github.com/open-policy-agent/opa/v1/version"
)

var update = flag.Bool("update", false, "write compiled.bin anew")

// fromSources compiles the embedded rules without their compiled form.
func fromSources(t testing.TB) ([]*Rule, *ast.Compiler, string) {
	t.Helper()
	own, err := embedded(true, false)
	if err != nil {
		t.Fatal(err)
	}
	c := newCompilation(capabilities())
	if err := c.load(own, nil); err != nil {
		t.Fatal(err)
	}
	rules, err := c.finish()
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := c.compile(rules)
	if err != nil {
		t.Fatal(err)
	}
	return rules, compiler, digest(own)
}

// The compiled form is what the sources compile to, with this version of OPA.
func TestCompiledForm(t *testing.T) {
	rules, compiler, sum := fromSources(t)
	form := encodeCompiled(t, rules, compiler.Modules, sum)
	if *update {
		if err := os.WriteFile("compiled.bin", []byte(form), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	const hint = "run go test ./rules -run TestCompiledForm -update"
	if form != compiledForm {
		t.Errorf("compiled.bin is not what the rules compile to: %s", hint)
	}
	got, found, err := readCompiled(compiledForm, sum)
	if err != nil || !found {
		t.Fatalf("compiled.bin is not used (%v): %s", err, hint)
	}
	if !reflect.DeepEqual(got.rules, rules) {
		for i := range rules {
			t.Errorf("found %+v, expected %+v", got.rules[i], rules[i])
		}
	}
	if !slices.Equal(util.KeysSorted(got.modules), util.KeysSorted(compiler.Modules)) {
		t.Errorf("modules %v", util.KeysSorted(got.modules))
	}
	for name, m := range got.modules {
		want := compiler.Modules[name]
		if m.Package.Compare(want.Package) != 0 || slices.CompareFunc(m.Rules, want.Rules, (*ast.Rule).Compare) != 0 {
			t.Errorf("%s differs:\n%s\n%s", name, m, want)
		}
	}
	if again := encodeCompiled(t, got.rules, got.modules, sum); again != compiledForm {
		t.Error("what was read is not written alike: locations or flags are lost")
	}
}

// Changed sources, and another OPA, are compiled from the sources.
func TestCompiledFormOfOthersIsNotUsed(t *testing.T) {
	for name, form := range map[string]string{
		"none": "", "of other sources": strings.Replace(compiledForm, "\nsha256:", "\nsha256:0", 1), "of another OPA": strings.Replace(compiledForm, version.Version, "0.1.0", 1),
	} {
		t.Run(name, func(t *testing.T) {
			s, err := compileWith(Options{Builtin: true}, form)
			if err != nil {
				t.Fatal(err)
			}
			if got := s.programs[0].rules; len(got) != 8 {
				t.Errorf("%d rules", len(got))
			}
			if results := eval(t, s, allowed(t), nil); len(results) != 0 {
				t.Errorf("found %v", results)
			}
		})
	}
}

// A form that is cut off or longer than it should be is an error, not fewer rules.
func TestBrokenCompiledFormIsAnError(t *testing.T) {
	for _, form := range []string{compiledForm + "x", compiledForm[:len(compiledForm)-1], compiledForm[:len(compiledForm)/2], compiledForm[:200]} {
		if s, err := compileWith(Options{Builtin: true}, form); err == nil {
			t.Errorf("%d bytes of %d: %d rules", len(form), len(compiledForm), len(s.rules))
		}
	}
}

// Both forms give the same results, in the same order, whatever the document.
func TestCompiledFormDecidesAlike(t *testing.T) {
	sources, err := compileWith(Options{Builtin: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	quick := builtins(t)
	same := func(doc map[string]any) int {
		a, b := eval(t, sources, doc, nil), eval(t, quick, doc, nil)
		if !reflect.DeepEqual(a, b) {
			t.Errorf("from the sources %v, from the compiled form %v", a, b)
		}
		return len(a)
	}
	most := same(large(t, 200))
	for i := range allowed(t)["evidence"].([]any) {
		for _, broken := range []any{nil, map[string]any{}, []any{}, "x"} {
			doc := allowed(t)
			set(t, doc, fmt.Sprintf("evidence.%d.predicate", i), broken)
			most = max(most, same(doc))
		}
	}
	if most == 0 {
		t.Error("nothing was refused")
	}
}

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
