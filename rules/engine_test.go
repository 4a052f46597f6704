// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

func module(path, source string) Module { return Module{Path: path, Source: []byte(source)} }

func own(t testing.TB, source string) *Set {
	t.Helper()
	s, err := Compile(Options{Modules: []Module{module("policy.rego", source)}, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// failure is the first *Error of err, which must have the code.
func failure(t testing.TB, err error, code string) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("expected an error with code %s, found %v", code, err)
	}
	return e
}

func TestCompileRefuses(t *testing.T) {
	for _, c := range []struct{ name, path, source, code, says string }{
		{"P-07 http.send", "p.rego", `refuse contains "x" if http.send({"url": input.u}).status_code == 200`, CodeForbidden, "p.rego:2:24: the function http.send"},
		{"P-07 net.lookup_ip_addr", "p.rego", `refuse contains "x" if net.lookup_ip_addr("a.example")`, CodeForbidden, "net.lookup_ip_addr"},
		{"P-07 opa.runtime", "p.rego", `refuse contains "x" if opa.runtime().env.HOME`, CodeForbidden, "opa.runtime"},
		{"P-07 rego.parse_module", "p.rego", `refuse contains "x" if rego.parse_module("a", "b")`, CodeForbidden, "rego.parse_module"},
		{"P-07 trace", "p.rego", `refuse contains "x" if trace("secret")`, CodeForbidden, "trace"},
		{"P-07 print", "p.rego", "refuse contains \"x\" if {\n\tprint(\"secret\")\n}", CodeForbidden, "p.rego:3"},
		{"P-07 rand", "p.rego", `refuse contains "x" if rand.intn("a", 5) == 1`, CodeForbidden, "rand.intn"},
		{"P-07 uuid", "p.rego", `refuse contains "x" if uuid.rfc4122("a") == "b"`, CodeForbidden, "uuid.rfc4122"},
		{"P-07 in a comprehension", "p.rego", `refuse := {x | x := http.send({}).body}`, CodeForbidden, "http.send"},
		{"P-07 in a rule's head", "p.rego", `refuse contains opa.runtime().env.HOME`, CodeForbidden, "opa.runtime"},
		{"P-07 the zone of the machine", "p.rego", `refuse contains "x" if time.clock([time.now_ns(), "Local"])[0] > 8`, CodeForbidden, "time zones"},
		{"P-07 unknown function", "p.rego", `refuse contains "x" if http.get("a")`, CodeCompile, "undefined function http.get"},
		{"P-08 with aliases a function", "p.rego", "f(x) := x\n\nrefuse contains \"x\" if f(1) == 2 with data.policy.p.f as http.send", CodeForbidden, "with"},
		{"P-09 numbers.range", "p.rego", `refuse contains "x" if count(numbers.range(1, 1000000000)) > 1`, CodeForbidden, "fill the memory"},
		{"P-19 glob.match", "p.rego", `refuse contains "x" if glob.match("a/*", [], input.image)`, CodeForbidden, "also matches /"},
		{"P-26 Rego v0", "p.rego", "refuse[\"x\"] {\n\tinput.a\n}", CodeDialect, "Rego v0"},
		{"P-28 package sealock", "p.rego", "PACKAGE sealock.gate.vulnerabilities\n\nrefuse contains \"x\" if false", CodeNamespace, "belongs to sealock"},
		{"P-28 package params", "p.rego", "PACKAGE params.vulnerabilities\n\nrefuse := \"negligible\"", CodeNamespace, "belongs to sealock"},
		{"P-28 id of a built-in rule", "p.rego", "PACKAGE policy.secrets\n\nrefuse contains \"x\" if false", CodeNamespace, "taken"},
		{"P-28 id in METADATA", "p.rego", "# METADATA\n# custom:\n#   id: secrets\nPACKAGE policy.x\n\nrefuse contains \"x\" if false", CodeNamespace, "taken"},
		{"P-30 with time", "p.rego", `refuse contains "x" if time.now_ns() > 5 with time.now_ns as 3`, CodeForbidden, "`with time.now_ns`"},
		{"P-30 with data", "p.rego", `refuse contains "x" if data.params.p.a with data.params.p.a as true`, CodeForbidden, "with"},
		{"P-30 with input", "p.rego", `refuse contains "x" if input.a with input as {"a": 1}`, CodeForbidden, "with"},
		{"decides nothing", "p.rego", `deny contains "x" if input.a`, CodeEmpty, "decides nothing"},
		{"decision in a test file", "p_test.rego", `refuse contains "x" if input.a`, CodeEmpty, "test file"},
		{"function", "p.rego", `refuse(x) := x`, CodeType, "no arguments"},
		{"syntax", "p.rego", `refuse contains "x" if {`, CodeSyntax, "p.rego:2"},
		{"unused variable", "p.rego", "refuse contains \"x\" if {\n\ty := 1\n}", CodeCompile, "p.rego:3"},
		{"empty file", "p.rego", "PACKAGE ", CodeSyntax, ""},
		{"unknown METADATA", "p.rego", "# METADATA\n# custom:\n#   parametres: {}\nPACKAGE policy.x\n\nrefuse contains \"x\" if false", CodeMetadata, `did you mean "parameters"`},
		{"default of the wrong type", "p.rego", "# METADATA\n# custom:\n#   parameters:\n#     a: {type: number, default: x}\nPACKAGE policy.x\n\nrefuse contains \"x\" if false", CodeMetadata, "expected a number"},
		{"recursion", "p.rego", "refuse contains \"x\" if a\n\na if b\n\nb if a", CodeCompile, "recursive"},
	} {
		t.Run(c.name, func(t *testing.T) {
			source := "package policy.p\n" + c.source
			if rest, ok := strings.CutPrefix(strings.Replace(c.source, "\nPACKAGE ", "\npackage ", 1), "PACKAGE "); ok {
				source = "package " + rest
			} else if strings.Contains(c.source, "\nPACKAGE ") {
				source = strings.Replace(c.source, "\nPACKAGE ", "\npackage ", 1)
			}
			_, err := Compile(Options{Builtin: true, Modules: []Module{module(c.path, source)}})
			if e := failure(t, err, c.code); !strings.Contains(e.Error(), c.says) {
				t.Errorf("expected %q in %q", c.says, e.Error())
			}
		})
	}
}

func TestNoRules(t *testing.T) {
	_, err := Compile(Options{})
	failure(t, err, CodeNoRules)
	_, err = (&Set{}).Eval(t.Context(), Input{At: evaluatedAt})
	failure(t, err, CodeNoRules)
}

func TestOwnRule(t *testing.T) {
	const source = `# METADATA
# title: Images are small
# custom:
#   severity: low
#   parameters:
#     most: {type: number, default: 3}
#     within: {type: duration}
package policy.size

import data.sealock.lib

refuse contains {"code": "TOO_BIG", "message": sprintf("%d findings", [n]), "key": {"path": "a"}} if {
	n := count([f | some d in lib.read("vulns"); some f in d.findings])
	n > data.params.size.most
}

warn contains "no limit of time" if is_null(data.params.size.within)

default allow := false

allow if time.now_ns() > 0
`
	s, err := Compile(Options{Builtin: true, Modules: []Module{module("size.rego", source)}})
	if err != nil {
		t.Fatal(err)
	}
	doc := allowed(t)
	if got := eval(t, s, doc, nil); len(got) != 1 || got[0].Code != CodeWarned || !got[0].Warn || got[0].Rule != "size" {
		t.Errorf("with defaults: %+v", got)
	}
	got := eval(t, s, doc, settings{"size": {"most": 1, "within": "1d12h", "mode": "warn"}})
	if len(got) != 1 || got[0].Code != "TOO_BIG" || got[0].Message != "2 findings" || got[0].Key.Path != "a" {
		t.Errorf("with parameters: %+v", got)
	}
}

// TestP04_OnlyTrueAllows: a decision is a boolean, or a set of reasons; nothing else passes for one.
func TestP04_OnlyTrueAllows(t *testing.T) {
	for _, c := range []struct{ source, code string }{
		{`allow := true`, ""},
		{`allow := false`, CodeRefused},
		{`allow if input.nothing`, CodeUndefined},
		{`allow := "false"`, CodeType},
		{`allow := "true"`, CodeType},
		{`allow := 1`, CodeType},
		{`allow := {}`, CodeType},
		{`allow := []`, CodeType},
		{`allow := null`, CodeType},
		{`allow contains true`, CodeType},
		{`refuse := false`, CodeType},
		{`refuse := {}`, CodeType},
		{`refuse := "x"`, CodeType},
		{`refuse := ["x"] if input.nothing`, CodeUndefined},
		{`refuse["x"] := 1`, CodeType},
		{`refuse contains 1`, CodeType},
		{`refuse contains true`, CodeType},
		{`refuse contains ""`, CodeType},
		{`refuse contains {}`, CodeType},
		{`refuse contains {"message": 1}`, CodeType},
		{`refuse contains {"message": "x", "massage": "y"}`, CodeType},
		{`refuse contains {"message": "x", "code": "lower"}`, CodeType},
		{`refuse contains {"message": "x", "evidence": "sha256:1"}`, CodeType},
		{`refuse contains {"message": "x", "key": {"pathh": "y"}}`, CodeType},
		{`warn contains 1`, CodeType},
		{`refuse contains "x"`, CodeRefused},
		{`refuse := ["x"]`, CodeRefused},
		{`warn contains "x"`, "~" + CodeWarned},
		{`refuse contains "x" if input.nothing`, ""},
	} {
		results, err := own(t, "package policy.p\n"+c.source).Eval(t.Context(), Input{At: evaluatedAt})
		if c.code == CodeType || c.code == CodeUndefined {
			if results != nil {
				t.Errorf("%s: results beside an error", c.source)
			}
			failure(t, err, c.code)
			continue
		}
		if err != nil || strings.Join(codes(results), ",") != c.code {
			t.Errorf("%s: expected %q, found %+v, %v", c.source, c.code, results, err)
		}
	}
}

func TestP05_ConflictsAreErrors(t *testing.T) {
	s := own(t, "package policy.p\n\nallow := true if input.a\n\nallow := false if input.b")
	_, err := s.Eval(t.Context(), Input{Document: map[string]any{"a": 1, "b": 1}, At: evaluatedAt})
	if e := failure(t, err, CodeRule); e.Path != "policy.rego" || e.Line == 0 {
		t.Errorf("where: %+v", e)
	}
}

func TestP20_BuiltinErrorsAreErrors(t *testing.T) {
	s := own(t, "package policy.p\n\nrefuse contains \"old\" if time.parse_rfc3339_ns(input.t) < 5")
	_, err := s.Eval(t.Context(), Input{Document: map[string]any{"t": "yesterday"}, At: evaluatedAt})
	failure(t, err, CodeRule)
}

func TestP23_AllRulesAreEvaluated(t *testing.T) {
	s, err := Compile(Options{Modules: []Module{module("a.rego", "package policy.a\n\nrefuse contains \"a\""), module("b.rego", "package policy.b\n\nallow := true"),
		module("c.rego", "package policy.c\n\nrefuse contains \"c\"")}})
	if err != nil {
		t.Fatal(err)
	}
	if got := eval(t, s, nil, nil); len(got) != 2 {
		t.Errorf("expected two refusals, found %+v", got)
	}
}

func TestP24_OneErrorIsTheWholeResult(t *testing.T) {
	s, err := Compile(Options{Modules: []Module{module("a.rego", "package policy.a\n\nallow := true"), module("b.rego", "package policy.b\n\nallow if input.nothing")}})
	if err != nil {
		t.Fatal(err)
	}
	results, err := s.Eval(t.Context(), Input{At: evaluatedAt})
	if failure(t, err, CodeUndefined); results != nil {
		t.Errorf("results beside an error: %+v", results)
	}
}

func TestP27_EvidenceIsNoPath(t *testing.T) {
	s := own(t, "package policy.p\n\nrefuse contains \"x\" if data.params[input.name].a\n\nallow := true")
	if got := eval(t, s, map[string]any{"name": `p"].a; data["sealock`}, nil); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
}

func TestP28_EvidenceDoesNotReachParameters(t *testing.T) {
	doc := allowed(t)
	doc["params"] = map[string]any{"vulnerabilities": map[string]any{"refuse": "critical"}}
	set(t, predicateOf(t, doc, "vulns"), "scanner.result.0.severity.0.score", "high")
	if got := eval(t, builtins(t), doc, nil); strings.Join(codes(got), ",") != "VULNERABILITY" {
		t.Errorf("found %+v", got)
	}
}

const cross = `package policy.p

refuse contains "x" if {
	some a in input.n
	some b in input.n
	some c in input.n
	some d in input.n
	a + b + c + d < 0
}
`

func numbers(n int) map[string]any {
	out := make([]any, n)
	for i := range out {
		out[i] = i
	}
	return map[string]any{"n": out}
}

func TestP09_DeadlineAndCancellation(t *testing.T) {
	s, err := Compile(Options{Modules: []Module{module("p.rego", cross)}, Timeout: 50 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Eval(t.Context(), Input{Document: numbers(1000), At: evaluatedAt})
	if e := failure(t, err, CodeTimeout); !errors.Is(e, context.DeadlineExceeded) {
		t.Errorf("cause: %v", e.cause)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = builtins(t).Eval(ctx, Input{Document: allowed(t), At: evaluatedAt})
	if e := failure(t, err, CodeTimeout); !errors.Is(e, context.Canceled) {
		t.Errorf("cause: %v", e.cause)
	}
	if r, err := s.Eval(t.Context(), Input{Document: numbers(3), At: evaluatedAt}); err != nil || len(r) != 0 {
		t.Errorf("the next evaluation: %v, %v", r, err)
	}
}

func TestP29_MemoryIsBounded(t *testing.T) {
	const source = `package policy.p

refuse contains concat("", [sprintf("%d,%d,%d", [a, b, c]), input.pad]) if {
	some a in input.n
	some b in input.n
	some c in input.n
}
`
	s, err := Compile(Options{Modules: []Module{module("p.rego", source)}, Timeout: time.Minute, MemoryLimit: 64 << 20})
	if err != nil {
		t.Fatal(err)
	}
	doc := numbers(1000)
	doc["pad"] = strings.Repeat("x", 1000)
	_, err = s.Eval(t.Context(), Input{Document: doc, At: evaluatedAt})
	if e := failure(t, err, CodeLimit); !strings.Contains(e.Message, "64 MiB") {
		t.Errorf("message: %s", e.Message)
	}
}

func TestInputDocument(t *testing.T) {
	s := builtins(t)
	for _, path := range []string{"question", "subject", "subject.digest", "leaves", "leaves.0.digest", "stages", "stages.0.materials", "stages.0.name", "evidence", "evidence.0.kind",
		"evidence.0.digest", "evidence.0.time", "evidence.0.stage", "evidence.0.subjects", "evidence.0.predicate", "evidence.0.subjects.0.digest"} {
		for _, value := range []any{remove{}, 5.0} {
			if path == "evidence.0.predicate" && value == 5.0 {
				continue
			}
			doc := allowed(t)
			set(t, doc, path, value)
			_, err := s.Eval(t.Context(), Input{Document: doc, At: evaluatedAt})
			failure(t, err, CodeInput)
		}
	}
	_, err := s.Eval(t.Context(), Input{Document: allowed(t)})
	failure(t, err, CodeInput)
	_, err = s.Eval(t.Context(), Input{Document: make(chan int), At: evaluatedAt})
	failure(t, err, CodeInput)
}

func TestConcurrentUse(t *testing.T) {
	s := builtins(t)
	var wg sync.WaitGroup
	for _, level := range []string{"low", "medium", "high", "critical"} {
		wg.Go(func() {
			doc := allowed(t)
			set(t, predicateOf(t, doc, "config"), "findings", []any{finding("medium")})
			for range 5 {
				results, err := s.Eval(t.Context(), Input{Document: doc, Params: settings{"config": {"refuse": level}}, At: evaluatedAt})
				if want := level == "low" || level == "medium"; err != nil || (len(results) == 1) != want {
					t.Errorf("%s: %+v, %v", level, results, err)
				}
			}
		})
	}
	wg.Wait()
}

func TestSameInputsSameResults(t *testing.T) {
	doc := allowed(t)
	set(t, predicateOf(t, doc, "secrets"), "findings", []any{finding("high"), finding("low"), finding("medium")})
	set(t, predicateOf(t, doc, "vulns"), "scanner.result.0.severity", nil)
	a, b := builtins(t), builtins(t)
	if a.Digest() != b.Digest() || !strings.HasPrefix(a.Digest(), "sha256:") {
		t.Errorf("digests: %s, %s", a.Digest(), b.Digest())
	}
	first := eval(t, a, doc, nil)
	for range 5 {
		for i, r := range eval(t, b, doc, nil) {
			if r.Message != first[i].Message || r.Key.Path != first[i].Key.Path {
				t.Fatalf("result %d differs: %+v, %+v", i, r, first[i])
			}
		}
	}
}

// A document that is converted once gives what it gives when it is converted each time, with any parameters, and for several evaluations at once.
func TestDocumentIsShared(t *testing.T) {
	s := builtins(t)
	plain := large(t, 50)
	doc, err := s.Document(plain)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, level := range []string{"critical", "high", "medium", "low"} {
		params := settings{"vulnerabilities": {"refuse": level}}
		want := eval(t, s, plain, params)
		wg.Go(func() {
			got, err := s.Eval(t.Context(), Input{Document: doc, Params: params, At: evaluatedAt})
			if err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s: found %v (%v), expected %v", level, got, err, want)
			}
		})
	}
	wg.Wait()
	if n := len(doc.reads); n != len(plain["evidence"].([]any)) {
		t.Errorf("%d pieces of evidence are read once", n)
	}
}

// What the gate writes into the document is checked when it is converted.
func TestDocumentIsChecked(t *testing.T) {
	_, err := builtins(t).Document(map[string]any{"question": "enter"})
	failure(t, err, CodeInput)
}
