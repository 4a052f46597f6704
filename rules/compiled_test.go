// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"
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
	c := newCompilation(capabilities(), gateDecisions)
	if err := c.load(own, nil); err != nil {
		t.Fatal(err)
	}
	rules, err := c.finish()
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := c.compile(oneGroup(rules))
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
	modules, err := got.modules()
	if err != nil || !slices.Equal(util.KeysSorted(modules), util.KeysSorted(compiler.Modules)) {
		t.Errorf("modules %v (%v)", util.KeysSorted(modules), err)
	}
	for name, m := range modules {
		want := compiler.Modules[name]
		if m.Package.Compare(want.Package) != 0 || slices.CompareFunc(m.Rules, want.Rules, (*ast.Rule).Compare) != 0 {
			t.Errorf("%s differs:\n%s\n%s", name, m, want)
		}
	}
	if again := encodeCompiled(t, got.rules, modules, sum); again != compiledForm {
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
			if got := s.programs[0].rules; len(got) != 11 {
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
		s, err := compileWith(Options{Builtin: true}, form)
		if err == nil {
			_, err = s.Eval(t.Context(), Input{Document: allowed(t), At: evaluatedAt})
		}
		var e *Error
		if !errors.As(err, &e) || e.Code != CodeRule {
			t.Errorf("%d bytes of %d: %v", len(form), len(compiledForm), err)
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
