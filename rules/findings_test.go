// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"
)

// configModules are the rules over configuration, which lie in a package of their own that tests here can't import.
func configModules(t testing.TB, tests bool) []Module {
	t.Helper()
	var out []Module
	err := fs.WalkDir(os.DirFS("config"), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || path.Ext(name) != ".rego" || (!tests && strings.HasSuffix(name, testSuffix)) {
			return err
		}
		data, err := os.ReadFile(path.Join("config", name))
		out = append(out, Module{Path: builtinPrefix + "config/" + name, Source: data})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// configScopes is what they read.
func configScopes(t testing.TB) *Scopes {
	t.Helper()
	data, err := os.ReadFile("config/scopes.json")
	if err != nil {
		t.Fatal(err)
	}
	s, err := ParseScopes(data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The compiled form of the rules over configuration is what their sources compile to.
func TestCompiledFormOfFindings(t *testing.T) {
	own := configModules(t, false)
	c := newCompilation(capabilities(), findingDecisions)
	if err := c.load(own, nil); err != nil {
		t.Fatal(err)
	}
	list, err := c.finish()
	if err != nil {
		t.Fatal(err)
	}
	compiler, err := c.compile(byCategory(list, configScopes(t)))
	if err != nil {
		t.Fatal(err)
	}
	form := encodeCompiled(t, list, compiler.Modules, digest(own))
	if *update {
		if err := os.WriteFile("config/compiled.bin", []byte(form), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	stored, err := os.ReadFile("config/compiled.bin")
	if err != nil {
		t.Fatal(err)
	}
	if form != string(stored) {
		t.Fatal("config/compiled.bin is not what the rules compile to: run go test ./rules -run TestCompiledForm -update")
	}
	got, found, err := readCompiled(form, digest(own))
	if err != nil || !found {
		t.Fatalf("not used: %v", err)
	}
	modules, err := got.modules()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range util.KeysSorted(compiler.Modules) {
		want, have := compiler.Modules[name], modules[name]
		if have == nil || have.Package.Compare(want.Package) != 0 || slices.CompareFunc(have.Rules, want.Rules, (*ast.Rule).Compare) != 0 {
			t.Errorf("%s differs", name)
		}
	}
}

// Every rule over configuration: its tests pass, there are some of both kinds, and its METADATA says all that the reference shows.
func TestConfigRules(t *testing.T) {
	if raceEnabled {
		t.Skip("SKIPPED: the race detector is on, and tests of rules would meet their deadlines, one after the other; go test without -race runs them")
	}
	results, err := runTests(t.Context(), findingDecisions, configModules(t, true), nil, nil, true)
	if err != nil {
		t.Fatal(err)
	}
	tested := make(map[string]int)
	for _, r := range results {
		tested[strings.TrimSuffix(r.Package, "_test")]++
		if r.Failed || r.Skipped {
			t.Errorf("%s:%d: %s failed at %q %s", r.Path, r.Line, r.Name, r.FailedAt, r.Error)
		}
	}
	f, err := CompileFindings(FindingOptions{Own: configModules(t, false)})
	if err != nil {
		t.Fatal(err)
	}
	kinds := []string{"kubernetes", "terraform", "dockerfiles", "compose", "github", "gitlab", "jenkins", "graph"}
	zeroTrust := regexp.MustCompile(`^Z[0-9]+$`)
	for _, r := range f.Rules() {
		folder := strings.Split(strings.TrimPrefix(r.file, builtinPrefix+"config/"), "/")
		if want := strings.Join(folder[:2], "."); r.ID != want {
			t.Errorf("%s: id %s, expected %s", r.file, r.ID, want)
		}
		if tested[r.Package] < 4 {
			t.Errorf("%s has %d tests", r.ID, tested[r.Package])
		}
		if r.Title == "" || r.Description == "" || r.Severity == "" || r.Remediation == "" || len(r.References) == 0 || len(r.ZeroTrust) == 0 || len(r.Kinds) == 0 {
			t.Errorf("METADATA of %s is not complete", r.ID)
		}
		for _, ref := range r.References {
			if !strings.HasPrefix(ref.URL, "https://") || ref.About == "" {
				t.Errorf("%s: reference %+v", r.ID, ref)
			}
		}
		for _, k := range r.Kinds {
			if !slices.Contains(kinds, k) {
				t.Errorf("%s: there is no kind %q", r.ID, k)
			}
		}
		for _, z := range r.ZeroTrust {
			if !zeroTrust.MatchString(z) {
				t.Errorf("%s: requirement %q", r.ID, z)
			}
		}
		for _, p := range r.Accepts {
			if p.About == "" {
				t.Errorf("%s.%s: what is it about?", r.ID, p.Name)
			}
		}
	}
}

const sampleRule = `# METADATA
# title: Names are short
# description: Long names are hard to say.
# custom:
#   id: sample.names
#   severity: medium
#   remediation: Choose a shorter name.
#   parameters:
#     most: {type: number, default: 3, about: "letters"}
package policy.config.names

finding contains f if {
	some i in input.items
	count(i.name) > data.params["sample.names"].most
	f := {"item": i.id, "path": ["name"], "message": sprintf("%s is long", [i.name]), "found": i.name}
}
`

func sampleFindings(t *testing.T, source string, items []any, params map[string]map[string]any) ([]Finding, error) {
	t.Helper()
	f, err := CompileFindings(FindingOptions{Policy: []Module{module("names.rego", source)}})
	if err != nil {
		return nil, err
	}
	if err := f.Check(params); err != nil {
		return nil, err
	}
	return f.Find(t.Context(), Input{Document: map[string]any{"items": items}, Params: params, At: evaluatedAt})
}

func TestFind(t *testing.T) {
	items := []any{map[string]any{"id": 0, "name": "abc"}, map[string]any{"id": 7, "name": "long\x1b[1m"}}
	found, err := sampleFindings(t, sampleRule, items, nil)
	if err != nil || len(found) != 1 {
		t.Fatalf("found %v, %v", found, err)
	}
	f := found[0]
	if f.Rule.ID != "sample.names" || f.Item != 7 || f.Severity != "medium" || f.Fix != "Choose a shorter name." || f.Message != `long\u001b[1m is long` {
		t.Errorf("found %+v", f)
	}
	if found, err = sampleFindings(t, sampleRule, items, map[string]map[string]any{"sample.names": {"most": 20}}); err != nil || len(found) != 0 {
		t.Errorf("with a parameter: %v, %v", found, err)
	}
	if found, err = sampleFindings(t, sampleRule, items, map[string]map[string]any{"sample.names": {"severity": "low"}}); err != nil || found[0].Severity != "low" {
		t.Errorf("with a severity: %v, %v", found, err)
	}
}

func TestFindRefusesWhatIsNoFinding(t *testing.T) {
	items := []any{map[string]any{"id": 0, "name": "abcd"}}
	for name, c := range map[string]struct {
		old, new string
		params   map[string]map[string]any
		code     string
	}{
		"no item":            {old: `"item": i.id, `, new: "", code: CodeType},
		"item is text":       {old: `"item": i.id, `, new: `"item": "0", `, code: CodeType},
		"item is negative":   {old: `"item": i.id, `, new: `"item": -1, `, code: CodeType},
		"path is text":       {old: `["name"]`, new: `"name"`, code: CodeType},
		"no message":         {old: `sprintf("%s is long", [i.name])`, new: `" "`, code: CodeType},
		"another field":      {old: `"found":`, new: `"foundd":`, code: CodeType},
		"a severity unknown": {old: `"found": i.name`, new: `"severity": "bad"`, code: CodeType},
		"no set":             {old: "finding contains f if {", new: "finding := f if {", code: CodeType},
		"undefined":          {old: "finding contains f if {\n\tsome i in input.items\n\tcount(i.name) > data", new: "finding := f if {\n\tsome i in input.items\n\tcount(i.name) < data", code: CodeUndefined},
		"a gate's decision":  {old: "finding contains f", new: "refuse contains f", code: CodeEmpty},
		"a gate's package":   {old: "package policy.config.names", new: "package policy.names", code: CodeNoRules},
		"network":            {old: "count(i.name) >", new: "http.send({}) !=", code: CodeForbidden},
		"no such rule":       {params: map[string]map[string]any{"sample.name": {}}, code: CodeParameters},
		"no such parameter":  {params: map[string]map[string]any{"sample.names": {"least": 1}}, code: CodeParameters},
		"no such severity":   {params: map[string]map[string]any{"sample.names": {"severity": "bad"}}, code: CodeParameters},
		"mode of the gate":   {params: map[string]map[string]any{"sample.names": {"mode": "warn"}}, code: CodeParameters},
	} {
		t.Run(name, func(t *testing.T) {
			found, err := sampleFindings(t, strings.Replace(sampleRule, c.old, c.new, 1), items, c.params)
			if err == nil {
				t.Fatalf("found %v", found)
			}
			failure(t, err, c.code)
		})
	}
}

// A policy's rules over configuration are none of the gate's, and the other way round; what would be read by neither is an error.
func TestPolicyRulesBelongToOneSet(t *testing.T) {
	gate := module("gate.rego", "package policy.owners\n\nimport data.policy.lib.names\n\nrefuse contains names.text if not input.owner\n")
	lib := module("lib.rego", "package policy.lib.names\n\ntext := \"no owner\"\n")
	config := module("names.rego", sampleRule)
	s, err := Compile(Options{Modules: []Module{gate, lib, config}})
	if err != nil || len(s.Rules()) != 1 || s.Rules()[0].ID != "owners" {
		t.Fatalf("the gate's: %v, %v", s, err)
	}
	f, err := CompileFindings(FindingOptions{Policy: []Module{gate, lib, config}})
	if err != nil || len(f.Rules()) != 1 || f.Rules()[0].ID != "sample.names" {
		t.Fatalf("over configuration: %v, %v", f, err)
	}
	misplaced := module("names.rego", strings.Replace(sampleRule, "package policy.config.names", "package policy.confg.names", 1))
	if _, err := Compile(Options{Modules: []Module{gate, lib, misplaced}}); err == nil {
		t.Error("a rule that nobody reads is accepted")
	} else {
		failure(t, err, CodeEmpty)
	}
}
