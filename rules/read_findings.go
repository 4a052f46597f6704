// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// findings reads the findings predicate of scanners of secrets, configuration and code.
func (r *reader) findings(p ast.Value, kind string) []any {
	if str(get(p, "category")) != kind {
		r.problem("category", kind, get(p, "category"))
	}
	complete, isBoolean := boolean(get(p, "complete"))
	found, ok := items(get(p, "findings"))
	if !ok {
		r.problem("findings", "a list", get(p, "findings"))
	}
	suppressed, ok := items(get(p, "suppressed"))
	if !ok {
		r.problem("suppressed", "a list", get(p, "suppressed"))
	}
	findings := make([]*ast.Term, 0, len(found))
	for _, f := range found {
		rule, message, path := str(get(f, "rule")), get(f, "message"), get(f, "path")
		if blank(rule) || !isString(message) || !isString(path) {
			r.problem("a finding", "an object with rule, message and path", f)
		}
		if _, isObject := f.(ast.Object); !isObject {
			continue
		}
		more, _ := textItems(get(f, "fingerprints"))
		findings = append(findings, r.object("rule", rule, "severity", display(get(f, "severity")), "level", levelOf(get(f, "severity")),
			"message", display(message), "path", str(path), "place", place(f),
			"resource", str(get(f, "resource")), "found", str(get(f, "found")), "expected", str(get(f, "expected")), "fix", str(get(f, "fix")),
			"fingerprint", str(get(f, "fingerprint")), "fingerprints", more))
	}
	marks := make([]*ast.Term, 0, len(suppressed))
	for _, s := range suppressed {
		if blank(str(get(s, "path"))) {
			r.problem("a suppression", "an object with path and kind", s)
			continue
		}
		marks = append(marks, r.object("path", str(get(s, "path")), "place", place(s), "kind", display(get(s, "kind"))))
	}
	return []any{"complete", complete && isBoolean, "found", display(get(p, "complete")), "findings", findings, "suppressed", marks, "tools", r.tools(p, kind), "imported", imported(p),
		"times", r.object("started", r.time(get(p, "startedOn")), "finished", r.time(get(p, "finishedOn")))}
}

// tools names who looked: those whose reports were imported, else the scanner itself. One without a name is a problem where the policy can list tools.
func (r *reader) tools(p ast.Value, kind string) []string {
	list, _ := items(get(p, "tools"))
	if len(list) == 0 {
		list = []ast.Value{get(p, "scanner")}
	}
	var out []string
	for _, t := range list {
		name := str(get(t, "name"))
		if blank(name) && (kind == "sast" || kind == "dast") {
			r.problem("a tool", "an object with a name", t)
		}
		if blank(name) {
			continue
		}
		out = append(out, name)
	}
	return out
}

// imported reports whether reports of others stand in place of a scan of our own.
func imported(p ast.Value) bool {
	list, ok := items(get(p, "tools"))
	return get(p, "tools") != nil && (!ok || len(list) > 0)
}

// levelOf is the level of a finding's severity. What is not a known word counts as the worst.
func levelOf(v ast.Value) int {
	if n, known := rankOf[strings.ToLower(strings.TrimSpace(str(v)))]; known {
		return n
	}
	return worst
}

func place(x ast.Value) string {
	path := display(get(x, "path"))
	if line, ok := float(get(x, "line")); ok && line > 0 {
		return fmt.Sprintf("%s:%.0f", path, line)
	}
	return path
}

// test reads in-toto's test result. A failed test is named even where the result says passed.
func (r *reader) test(p ast.Value) []any {
	failed, _ := textItems(get(p, "failedTests"))
	if v := get(p, "failedTests"); v != nil && failed == nil {
		if list, ok := items(v); len(list) > 0 || !ok && v.Compare(ast.NullValue) != 0 {
			failed = []string{display(v)}
		}
	}
	return []any{"result", display(get(p, "result")), "failed", failed, "times", r.object()}
}
