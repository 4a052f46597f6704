// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"testing"
)

// threatID is an id of the threat catalogue: in a function's name (TestV18_…), at the start of a subtest's name ("V-18 …"), or in a script.
var (
	threatFunc = regexp.MustCompile(`^Test([VCPASBTROG])(\d{2})(?:_|$)`)
	threatName = regexp.MustCompile(`^([VCPASBTROG])-(\d{2}) `)
	threatNote = regexp.MustCompile(`\b([VCPASBTROG])-(\d{2})\b`)
)

var threatGroups = []struct{ letter, title string }{
	{"V", "verifying signatures and statements"}, {"C", "the chain, approvals and promotions"}, {"P", "policy and rules"}, {"S", "scanning foreign content"},
	{"B", "SBOMs"}, {"T", "the store"}, {"A", "images and references"}, {"R", "serving"}, {"O", "output"}, {"G", "the CI platform"},
}

// threatsReference lists, for each id of the threat catalogue, the tests that carry it.
func threatsReference(t *testing.T) string {
	t.Helper()
	found := map[string]map[string]bool{}
	add := func(letter, number, test string) {
		id := letter + "-" + number
		if found[id] == nil {
			found[id] = map[string]bool{}
		}
		found[id][test] = true
	}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(name string, e os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		switch {
		case err != nil:
			return err
		case e.IsDir() && (e.Name() == ".git" || e.Name() == "shop" || e.Name() == ".sealock"):
			return filepath.SkipDir
		case strings.HasSuffix(name, "_test.go"):
			return threatsInGo(name, filepath.ToSlash(filepath.Dir(rel)), add)
		case strings.HasSuffix(name, ".txtar"):
			data, err := os.ReadFile(name)
			for _, m := range threatNote.FindAllStringSubmatch(string(data), -1) {
				add(m[1], m[2], "`"+filepath.ToSlash(rel)+"`")
			}
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return threatsTable(found)
}

// threatsInGo finds ids in the names of test functions and in the texts that name subtests.
func threatsInGo(file, pkg string, add func(letter, number, test string)) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		return err
	}
	for _, decl := range parsed.Decls {
		fn, isFunc := decl.(*ast.FuncDecl)
		where := pkg
		if isFunc && strings.HasPrefix(fn.Name.Name, "Test") {
			where = pkg + " " + fn.Name.Name
			if m := threatFunc.FindStringSubmatch(fn.Name.Name); m != nil {
				add(m[1], m[2], "`"+where+"`")
			}
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
				if s, err := strconv.Unquote(lit.Value); err == nil {
					if m := threatName.FindStringSubmatch(s); m != nil && !strings.Contains(s, "%") {
						add(m[1], m[2], fmt.Sprintf("`%s` (%s)", where, strings.ReplaceAll(strings.TrimPrefix(s, m[0]), "|", "or")))
					}
				}
			}
			return true
		})
	}
	return nil
}

func threatsTable(found map[string]map[string]bool) string {
	var b strings.Builder
	b.WriteString("# Threats and their tests\n\nEach attack or kind of bad input that sealock is tested against has an id. This lists the tests of each: the package, the test, and in\n" +
		"brackets the case. What the attacks are worth, and what is out of scope, is in [SECURITY.md](../SECURITY.md).\n")
	ids := make([]string, 0, len(found))
	for id := range found {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	for _, g := range threatGroups {
		first := true
		for _, id := range ids {
			if !strings.HasPrefix(id, g.letter) {
				continue
			}
			if first {
				fmt.Fprintf(&b, "\n## %s: %s\n\n| id | tests |\n|---|---|\n", g.letter, g.title)
				first = false
			}
			tests := make([]string, 0, len(found[id]))
			for test := range found[id] {
				tests = append(tests, test)
			}
			sort.Strings(tests)
			fmt.Fprintf(&b, "| %s | %s |\n", id, strings.Join(tests, "<br>"))
		}
	}
	return b.String()
}
