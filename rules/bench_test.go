// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"testing"
)

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := Compile(Options{Builtin: true}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompileOwn is with two rules of a policy, one of which uses the library.
func BenchmarkCompileOwn(b *testing.B) {
	modules := []Module{module("age.rego", ownAge), module("registry.rego", ownRegistry)}
	for b.Loop() {
		if _, err := Compile(Options{Builtin: true, Modules: modules}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCompileSources is what compiling took if the embedded rules had no compiled form.
func BenchmarkCompileSources(b *testing.B) {
	for b.Loop() {
		if _, err := compileWith(Options{Builtin: true}, ""); err != nil {
			b.Fatal(err)
		}
	}
}

const ownAge = `package policy.age

import data.sealock.lib

refuse contains {"code": "SCAN_OLD", "message": sprintf("the scan of %s is old", [d.stage])} if {
	some d in lib.read("vulns")
	d.signed.ns < time.now_ns() - 864000000000000
}
`

const ownRegistry = `package policy.registry

refuse contains sprintf("%s is not ours", [input.subject.name]) if not startswith(input.subject.name, "shop")
`

func BenchmarkEvalSmall(b *testing.B) { benchmarkEval(b, allowed(b)) }

// BenchmarkEval3000 judges 3,000 vulnerabilities and an SBOM of 3,000 components.
func BenchmarkEval3000(b *testing.B) { benchmarkEval(b, large(b, 3000)) }

// BenchmarkEvalAgain is the same with the parameters of one more environment: the document is converted and read already.
func BenchmarkEvalAgain(b *testing.B) {
	s := builtins(b)
	doc, err := s.Document(large(b, 3000))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.Eval(b.Context(), Input{Document: doc, At: evaluatedAt}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEvalGrowth is how evaluating grows with vulnerabilities and components.
func BenchmarkEvalGrowth(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkEval(b, large(b, n)) })
	}
}

func benchmarkEval(b *testing.B, doc map[string]any) {
	s := builtins(b)
	params := settings{"licenses": {"allow": []any{"MIT", "Apache-2.0"}}}
	for b.Loop() {
		if _, err := s.Eval(b.Context(), Input{Document: doc, Params: params, At: evaluatedAt}); err != nil {
			b.Fatal(err)
		}
	}
}

// large is the allowed document with n components, each with one vulnerability, a tenth of them serious.
func large(t testing.TB, n int) map[string]any {
	doc := allowed(t)
	components, results := make([]any, n), make([]any, n)
	for i := range n {
		purl := fmt.Sprintf("pkg:deb/debian/lib%d@1.%d-2?arch=amd64&distro=debian-12", i, i)
		components[i] = map[string]any{"bom-ref": purl, "type": "library", "name": fmt.Sprintf("lib%d", i), "version": fmt.Sprintf("1.%d-2", i), "purl": purl,
			"licenses":   []any{map[string]any{"license": map[string]any{"id": "MIT"}}, map[string]any{"expression": fmt.Sprintf("MIT OR LicenseRef-%d", i%50)}},
			"properties": []any{map[string]any{"name": "a", "value": "b"}, map[string]any{"name": "c", "value": "d"}}}
		level := "medium"
		if i%10 == 0 {
			level = "high"
		}
		results[i] = map[string]any{"id": fmt.Sprintf("CVE-2026-%d", i), "severity": []any{map[string]any{"method": "sealock", "score": level}, map[string]any{"method": "3.1", "score": "5.0"}},
			"annotations": []any{map[string]any{"purl": purl, "name": fmt.Sprintf("lib%d", i), "version": fmt.Sprintf("1.%d-2", i), "fixState": "fixed", "fixedIn": []any{"2.0"},
				"published": "2026-01-05T00:00:00Z", "kev": false, "epss": 0.001, "aliases": []any{fmt.Sprintf("GHSA-%d", i)}}}}
	}
	predicateOf(t, doc, "sbom")["components"] = components
	set(t, predicateOf(t, doc, "vulns"), "scanner.result", results)
	return doc
}
