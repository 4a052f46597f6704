// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/cobra/doc"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/rules"
	configrules "github.com/sealock-dev/sealock/rules/config"
)

var update = flag.Bool("update", false, "write the generated references")

const generated = "<!-- Generated: go test ./cmd/sealock -run TestDocs -update -->\n\n"

// TestDocs holds the references against the program that they describe.
func TestDocs(t *testing.T) {
	for name, doc := range map[string]string{"cli.md": cliReference(), "codes.md": codesReference(), "rules.md": rulesReference(t), "rules-configuration.md": configReference(t), "threats.md": threatsReference(t)} {
		file := filepath.Join("..", "..", "docs", name)
		want := generated + doc
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("docs/%s is not what the program says; run: go test ./cmd/sealock -run TestDocs -update", name)
		}
	}
}

// TestManPages holds the pages of docs/man against the program: one for each command.
func TestManPages(t *testing.T) {
	root := newRoot(&host{})
	root.DisableAutoGenTag = true
	made := t.TempDir()
	day := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	if err := doc.GenManTree(root, &doc.GenManHeader{Title: "SEALOCK", Section: "1", Source: "sealock", Manual: "sealock", Date: &day}, made); err != nil {
		t.Fatal(err)
	}
	kept := filepath.Join("..", "..", "docs", "man")
	if *update {
		if err := errors.Join(os.RemoveAll(kept), os.CopyFS(kept, os.DirFS(made))); err != nil {
			t.Fatal(err)
		}
	}
	for _, dirs := range [][2]string{{made, kept}, {kept, made}} {
		files, err := os.ReadDir(dirs[0])
		if err != nil || len(files) == 0 {
			t.Fatalf("%d pages in %s: %v", len(files), dirs[0], err)
		}
		for _, f := range files {
			a, err1 := os.ReadFile(filepath.Join(dirs[0], f.Name()))
			b, err2 := os.ReadFile(filepath.Join(dirs[1], f.Name()))
			if err := errors.Join(err1, err2); err != nil || !bytes.Equal(a, b) {
				t.Errorf("docs/man/%s is not what the program says (%v); run: go test ./cmd/sealock -run TestManPages -update", f.Name(), err)
			}
		}
	}
}

func cliReference() string {
	root := newRoot(&host{})
	var b strings.Builder
	fmt.Fprintf(&b, "# Command line\n\n%s\n\n## Flags of every command\n\n```\n%s```\n\n", root.Long, root.PersistentFlags().FlagUsages())
	b.WriteString("Each can also be given as a variable: `SEALOCK_` and the name in capitals, `_` for `-` (`SEALOCK_POLICY_MIN_VERSION`); so can `--env`.\n")
	b.WriteString("Flags win. Data goes to standard output, everything else to standard error. `sealock completion SHELL` prints completions.\n")
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		for _, sub := range c.Commands() {
			if sub.Hidden || sub.Name() == "help" || sub.Name() == "completion" {
				continue
			}
			describeCommand(&b, sub)
			walk(sub)
		}
	}
	walk(root)
	return b.String()
}

func describeCommand(b *strings.Builder, c *cobra.Command) {
	fmt.Fprintf(b, "\n## %s\n\n%s.\n", c.CommandPath(), c.Short)
	if c.Runnable() && !c.HasSubCommands() {
		fmt.Fprintf(b, "\n```\n%s\n```\n", strings.TrimSpace(c.Parent().CommandPath()+" "+c.Use))
	}
	if c.Long != "" && c.Long != c.Short {
		text := c.Long
		if strings.Contains(text, "\n  ") { // an indented sample
			text = "```text\n" + text + "\n```"
		}
		fmt.Fprintf(b, "\n%s\n", text)
	}
	if flags := c.LocalNonPersistentFlags().FlagUsages(); flags != "" {
		fmt.Fprintf(b, "\n```\n%s```\n", flags)
	}
	if c.Example != "" {
		fmt.Fprintf(b, "\nExamples:\n\n```\n%s\n```\n", strings.TrimRight(c.Example, "\n"))
	}
}

func codesReference() string {
	var b strings.Builder
	b.WriteString("# Reason codes\n\nWhat the codes in a decision mean. They are stable. `sealock explain CODE` prints one; rules of a policy add their own.\n\n")
	b.WriteString("| code | meaning | what to do |\n|---|---|---|\n")
	for _, c := range reasonCodes() {
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", c.Code, cell(c.Meaning), cell(c.Fix))
	}
	return b.String()
}

func rulesReference(t *testing.T) string {
	var b strings.Builder
	b.WriteString("# The gate's own rules\n\nEvery rule is evaluated in every decision, over verified evidence only. A policy sets parameters under `rules`, an environment under\n" +
		"`environmentRules`: an artifact is judged by those that hold everywhere and by those of each environment on its\nway, so an environment can only tighten.\n\nEvery rule also takes:\n\n| parameter | values | meaning |\n|---|---|---|\n" +
		"| `mode` | `refuse`, `warn` | what its refusals lead to; `refuse` unless set |\n| `onStay` | `refuse`, `warn` | the same for what already runs in an environment |\n" +
		"| `effective` | a day | warn before it, refuse from it on |\n\nA waiver (`waivers.yaml`) accepts a finding by the rule's name and the finding's advisory, package, path, resource or subject.\n")
	for _, r := range builtinRules(t) {
		fmt.Fprintf(&b, "\n## %s\n\n%s. Severity %s; reads %s; zero-trust requirements %s.\n\n%s\n", r.ID, r.Title, r.Severity, strings.Join(r.Kinds, ", "), strings.Join(r.ZeroTrust, ", "), r.Remediation)
		ruleDetails(t, &b, r)
	}
	return b.String()
}

// configReference lists the rules over configuration, family by family.
func configReference(t *testing.T) string {
	set, err := configrules.Compile(nil)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("# The rules over configuration\n\nWhat `sealock scan` and the evidence kind `config` look for in Kubernetes manifests, Helm charts, Terraform, Dockerfiles, Compose files and\npipelines. A policy sets parameters under `configRules`, by the rule's id; every rule also takes `severity`. " +
		"A waiver names the\nrule's id, and the file or the resource.\n")
	family := ""
	for _, r := range set.Rules() {
		if name, _, _ := strings.Cut(r.ID, "."); name != family {
			family = name
			fmt.Fprintf(&b, "\n## %s\n", family)
		}
		fmt.Fprintf(&b, "\n### %s\n\n%s. Severity %s; reads %s; zero-trust requirements %s.\n\n%s\n\n%s\n", r.ID, r.Title, r.Severity, strings.Join(r.Kinds, ", "), strings.Join(r.ZeroTrust, ", "), r.Description, r.Remediation)
		ruleDetails(t, &b, r)
	}
	return b.String()
}

// ruleDetails are the parameters of a rule, and where to read on.
func ruleDetails(t *testing.T, b *strings.Builder, r rules.Rule) {
	t.Helper()
	if len(r.Accepts) > 0 {
		b.WriteString("\n| parameter | values | default | meaning |\n|---|---|---|---|\n")
	}
	for _, p := range r.Accepts {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", p.Name, cell(valuesOf(p)), cell(defaultOf(t, p)), cell(p.About))
	}
	for i, ref := range r.References {
		if b.WriteString(map[bool]string{true: "\nSee ", false: ", "}[i == 0]); ref.About != "" {
			fmt.Fprintf(b, "[%s](%s)", ref.About, ref.URL)
		} else {
			fmt.Fprintf(b, "<%s>", ref.URL)
		}
	}
	if len(r.References) > 0 {
		b.WriteString(".\n")
	}
}

func builtinRules(t *testing.T) []rules.Rule {
	t.Helper()
	set, err := rules.Compile(rules.Options{Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	return set.Rules()
}

func valuesOf(p rules.Parameter) string {
	s := p.Type
	if len(p.Values) > 0 {
		s = strings.Join(p.Values, ", ")
	}
	if len(p.Keys) > 0 {
		s += " by " + strings.Join(p.Keys, ", ")
	}
	if p.Min != nil {
		s += fmt.Sprintf(", from %v", *p.Min)
	}
	if p.Max != nil {
		s += fmt.Sprintf(", to %v", *p.Max)
	}
	return s
}

func defaultOf(t *testing.T, p rules.Parameter) string {
	if p.Default == nil {
		return "not set"
	}
	if s, ok := p.Default.(string); ok {
		return "`" + s + "`"
	}
	b, err := attest.EncodeJSON(p.Default)
	if err != nil {
		t.Fatal(err)
	}
	return "`" + string(b) + "`"
}

func cell(s string) string { return strings.ReplaceAll(strings.ReplaceAll(s, "|", "\\|"), "\n", " ") }

// TestCodes holds the documented codes against the sources that give them.
func TestCodes(t *testing.T) {
	documented := map[string]bool{}
	for _, c := range reasonCodes() {
		if c.Meaning == "" || c.Fix == "" {
			t.Errorf("%s: expected a meaning and what to do", c.Code)
		}
		documented[c.Code] = true
	}
	given := map[string]bool{}
	for _, dir := range []string{"gate", "gate/promotion", "gate/admission", "gate/drift", "attest", "attest/sigstore", "attest/sigstore/keyless", "attest/sigstore/tufroot", "attest/subject", "rules", "cmd/stage", "scanners/imports"} {
		for _, c := range constants(t, filepath.Join("..", "..", dir)) {
			given[c] = true
		}
	}
	for _, c := range constants(t, filepath.Join("..", "..", "attest", "registry")) {
		given[(&registry.Error{Code: registry.Code(c)}).ReasonCode()] = true
	}
	for _, c := range literals(t) {
		given[c] = true
	}
	// Codes of mistakes that end a command before there is a decision.
	never := []string{"NOT_FOUND", "MALFORMED", "RULE_SYNTAX", "RULE_DIALECT", "RULE_COMPILE", "RULE_FORBIDDEN", "RULE_NAMESPACE", "RULE_EMPTY", "RULE_METADATA"}
	for c := range given {
		if !documented[c] && !slices.Contains(never, c) {
			t.Errorf("code %s is not documented", c)
		}
	}
	for c := range documented {
		if !given[c] {
			t.Errorf("code %s is documented and nothing gives it", c)
		}
	}
}

var codeForm = regexp.MustCompile(`^[A-Z]+(_[A-Z]+)*$`)

// constants are the values of the Code… constants, and of those of type Code, in a package.
func constants(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources in %s: %v", dir, err)
	}
	var out []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			typ := ""
			switch x := spec.Type.(type) {
			case *ast.Ident:
				typ = x.Name
			case *ast.SelectorExpr: // of another package
				typ = x.Sel.Name
			}
			lit, isLit := spec.Values[0].(*ast.BasicLit)
			if !isLit || lit.Kind != token.STRING || (!strings.HasPrefix(spec.Names[0].Name, "Code") && typ != "Code") {
				return true
			}
			if s, err := strconv.Unquote(lit.Value); err == nil && codeForm.MatchString(s) {
				out = append(out, s)
			}
			return true
		})
	}
	return out
}

// literals are the codes in the Rego of the gate's rules.
func literals(t *testing.T) []string {
	t.Helper()
	form := regexp.MustCompile(`"([A-Z]+(?:_[A-Z]+)*)"`)
	results := []string{"PASSED", "WARNED", "FAILED"} // of tests
	var out []string
	for _, pattern := range []string{"gate/*/*.rego", "lib/*.rego"} {
		files, err := filepath.Glob(filepath.Join("..", "..", "rules", filepath.FromSlash(pattern)))
		if err != nil || len(files) == 0 {
			t.Fatalf("no rules at %s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(file, "_test.rego") {
				continue
			}
			for _, m := range form.FindAllStringSubmatch(string(data), -1) {
				if len(m[1]) > 3 && !slices.Contains(results, m[1]) {
					out = append(out, m[1])
				}
			}
		}
	}
	return out
}
