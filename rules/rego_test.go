// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// The embedded rules' own tests, through OPA's tester.
func TestRego(t *testing.T) {
	own, err := embedded(true, true)
	if err != nil {
		t.Fatal(err)
	}
	results, err := runTests(t.Context(), gateDecisions, own, nil, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	tested := make(map[string]int)
	for _, r := range results {
		tested[strings.TrimSuffix(strings.TrimPrefix(r.Package, "data.sealock.gate."), "_test")]++
		if r.Failed || r.Skipped {
			t.Errorf("%s:%d: %s failed at %q %s", r.Path, r.Line, r.Name, r.FailedAt, r.Error)
		}
	}
	for _, r := range builtins(t).Rules() {
		if tested[r.ID] < 5 {
			t.Errorf("rule %s has %d tests", r.ID, tested[r.ID])
		}
	}
}

func TestMetadata(t *testing.T) {
	kinds := []string{"provenance", "sbom", "vulns", "secrets", "config", "sast", "dast", "test"}
	rules := builtins(t).Rules()
	if len(rules) != 11 {
		t.Errorf("%d rules", len(rules))
	}
	for _, r := range rules {
		if r.Title == "" || r.Severity == "" || r.Remediation == "" || len(r.References) == 0 || len(r.ZeroTrust) == 0 || len(r.Kinds) == 0 {
			t.Errorf("METADATA of %s is not complete: %+v", r.ID, r)
		}
		if r.Package != "data.sealock.gate."+r.ID || !r.Builtin {
			t.Errorf("rule %s is in %s", r.ID, r.Package)
		}
		for _, k := range r.Kinds {
			if !slices.Contains(kinds, k) {
				t.Errorf("%s: there is no kind %q", r.ID, k)
			}
		}
		for _, p := range r.Accepts {
			if p.About == "" {
				t.Errorf("%s.%s: what is it about?", r.ID, p.Name)
			}
		}
	}
}

// `not f(x.y)` is undefined, not true, where x has no y: a rule with it is silent about what is missing.
func TestNoNegatedCallOnMissingFields(t *testing.T) {
	files, err := embedded(true, false)
	if err != nil {
		t.Fatal(err)
	}
	safe := []string{"d.", "f.", "r.", "s.times", "p.", "params.", "input.", "lib.", "levels.", "times.", "data.", // total by construction
		"leaf.", "m.", "known[", "dependency."} // checked as part of the input document, or by evidence.read
	for _, m := range files {
		mod, err := ast.ParseModuleWithOpts(m.Path, string(m.Source), ast.ParserOptions{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Fatal(err)
		}
		ast.WalkExprs(mod, func(e *ast.Expr) bool {
			if !e.Negated || !e.IsCall() || e.Operator().String() == "equal" {
				return false
			}
			for _, arg := range e.Operands() {
				ref, isRef := arg.Value.(ast.Ref)
				if isRef && len(ref) > 1 && !slices.ContainsFunc(safe, func(p string) bool { return strings.HasPrefix(ref.String(), p) }) {
					t.Errorf("%s:%d: `%s`: %s may be missing", m.Path, e.Location.Row, e, ref)
				}
			}
			return false
		})
	}
}

func TestPolicyTests(t *testing.T) {
	modules := []Module{
		module("images.rego", "package policy.images\n\nrefuse contains \"no image\" if not input.image"),
		module("images_test.rego", `package policy.images_test

import data.policy.images

test_refused if count(images.refuse) == 1 with input as {}

test_allowed if count(images.refuse) == 0 with input as {"image": data.sample}

test_wrong if count(images.refuse) == 5 with input as {}

todo_test_later if false

test_builtin_error if time.parse_rfc3339_ns("x") > 1
`),
	}
	results, err := Test(t.Context(), modules, map[string]any{"sample": "a"})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range results {
		switch {
		case r.Skipped:
			got = append(got, r.Name+" skipped")
		case r.Error != "":
			got = append(got, r.Name+" broke")
		case r.Failed:
			got = append(got, r.Name+" failed at "+r.FailedAt)
		default:
			got = append(got, r.Name)
		}
	}
	want := []string{"test_refused", "test_allowed", "test_wrong failed at count(images.refuse) == 5 with input as {}", "todo_test_later skipped", "test_builtin_error broke"}
	if !slices.Equal(got, want) {
		t.Errorf("expected %q, found %q", want, got)
	}
}

// TestP08_TestsAreRestrictedToo: tests may use with, but no function that rules may not.
func TestP08_TestsAreRestrictedToo(t *testing.T) {
	for _, source := range []string{
		"test_a if http.send({}).status_code == 200",
		"test_a if count(\"x\") == 1 with count as http.send",
		"test_a if f(1) with f as opa.runtime\n\nf(x) := x",
	} {
		_, err := Test(t.Context(), []Module{module("a_test.rego", "package policy.a_test\n\n"+source)}, nil)
		failure(t, err, CodeForbidden)
	}
}
