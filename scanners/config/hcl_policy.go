// SPDX-License-Identifier: Apache-2.0

package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"go.yaml.in/yaml/v3"
)

// maxPolicies is how many policies of one item are looked at.
const maxPolicies = 1_000

// policies are the IAM policy documents in an item's values, in one form.
func policies(kind string, values map[string]any) []any {
	out := []any{}
	if kind == "aws_iam_policy_document" {
		statements := []any{}
		for i, s := range asList(values["statement"]) {
			if object, ok := s.(map[string]any); ok {
				statements = append(statements, blockStatement(object, []any{"statement", i}))
			}
		}
		return append(out, map[string]any{"path": []any{}, "statements": statements})
	}
	findPolicies(values, nil, &out)
	return out
}

// findPolicies walks down to every text that is a policy as JSON.
func findPolicies(v any, path []any, out *[]any) {
	if len(*out) >= maxPolicies || len(path) > maxDepth {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		for _, k := range sortedKeys(v) {
			findPolicies(v[k], append(path[:len(path):len(path)], k), out)
		}
	case []any:
		for i, e := range v {
			findPolicies(e, append(path[:len(path):len(path)], i), out)
		}
	case string:
		policy, ok := policyText(v)
		if !ok {
			return
		}
		statements := []any{}
		at := append(path[:len(path):len(path)], "Statement")
		if one, ok := policy["Statement"].(map[string]any); ok {
			statements = append(statements, jsonStatement(one, at))
		}
		for i, s := range asList(policy["Statement"]) {
			if object, ok := s.(map[string]any); ok {
				statements = append(statements, jsonStatement(object, append(at[:len(at):len(at)], i)))
			}
		}
		*out = append(*out, map[string]any{"path": append([]any{}, path...), "statements": statements})
	}
}

// policyText reads a policy document from text, also where parts of the text are not known.
func policyText(s string) (map[string]any, bool) {
	if !strings.HasPrefix(strings.TrimSpace(s), "{") || !strings.Contains(s, `"Statement"`) || len(s) > maxText {
		return nil, false
	}
	v, err := decodeJSON(s)
	if err != nil {
		marked, marks := mark(s)
		if v, err = decodeJSON(marked); err != nil {
			return nil, false
		}
		v = unmark(v, marks)
	}
	policy, ok := v.(map[string]any)
	return policy, ok && policy["Statement"] != nil
}

// Marks stand for template text in JSON, which it may break: ${jsonencode(x)} is a value of its own, "${x["y"]}" has quotes in quotes. They are
// characters of the private use area, and the text that has some of its own is not read.
const (
	markStart = '\ue000'
	markEnd   = '\ue001'
)

// mark replaces each template text, outside of strings by a string.
func mark(s string) (marked string, marks []string) {
	var b strings.Builder
	quoted := false
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && quoted && i+1 < len(s):
			b.WriteString(s[i : i+2])
			i++
		case s[i] == '"':
			quoted = !quoted
			b.WriteByte(s[i])
		case strings.HasPrefix(s[i:], "${"):
			end := closing(s, i+2)
			quote := `"`
			if quoted {
				quote = ""
			}
			b.WriteString(quote + string(markStart) + string(rune(0xe100+len(marks)%0x1000)) + string(markEnd) + quote)
			marks = append(marks, s[i:end])
			i = end - 1
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), marks
}

// closing is where the braces that are open at i are closed.
func closing(s string, i int) int {
	for depth, quoted := 1, false; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(s)
}

// unmark puts the texts back.
func unmark(v any, marks []string) any {
	switch v := v.(type) {
	case string:
		for at := strings.IndexRune(v, markStart); at >= 0; at = strings.IndexRune(v, markStart) {
			rest := []rune(v[at:])
			n := int(rest[min(1, len(rest)-1)]) - 0xe100
			if len(rest) < 3 || n < 0 || n >= len(marks) {
				return v
			}
			v = v[:at] + marks[n] + string(rest[3:])
		}
		return v
	case []any:
		for i, e := range v {
			v[i] = unmark(e, marks)
		}
	case map[string]any:
		for k, e := range v {
			v[k] = unmark(e, marks)
		}
	}
	return v
}

// asList is a value as a list if it is one.
func asList(v any) []any { l, _ := v.([]any); return l }

// textList is the strings of a value that may be a single one.
func textList(v any) []any {
	out := []any{}
	if v == nil {
		return out
	}
	l, ok := v.([]any)
	if !ok {
		l = []any{v}
	}
	for _, e := range l {
		if s, _, ok := render(e); ok {
			out = append(out, s)
		}
	}
	return out
}

// effect is "Deny" only where that is written: what can't be known counts as Allow.
func effect(v any) string {
	if s, ok := v.(string); ok && strings.EqualFold(s, "Deny") {
		return "Deny"
	}
	return "Allow"
}

// blockStatement is a statement block of an aws_iam_policy_document.
func blockStatement(s map[string]any, path []any) map[string]any {
	conditions := []any{}
	for _, c := range asList(s["condition"]) {
		if c, ok := c.(map[string]any); ok {
			conditions = append(conditions, map[string]any{"test": asText(c["test"]), "variable": asText(c["variable"]), "values": textList(c["values"])})
		}
	}
	principals := func(name string) []any {
		out := []any{}
		for _, p := range asList(s[name]) {
			if p, ok := p.(map[string]any); ok {
				out = append(out, map[string]any{"type": asText(p["type"]), "identifiers": textList(p["identifiers"])})
			}
		}
		return out
	}
	return map[string]any{
		"path": path, "effect": effect(s["effect"]), "actions": textList(s["actions"]), "notActions": textList(s["not_actions"]),
		"resources": textList(s["resources"]), "notResources": textList(s["not_resources"]),
		"principals": principals("principals"), "notPrincipals": principals("not_principals"), "conditions": conditions,
	}
}

func asText(v any) string { s, _, _ := render(v); return s }

// jsonStatement is a statement of a policy as JSON.
func jsonStatement(s map[string]any, path []any) map[string]any {
	conditions := []any{}
	tests, _ := s["Condition"].(map[string]any)
	for _, test := range sortedKeys(tests) {
		variables, _ := tests[test].(map[string]any)
		for _, name := range sortedKeys(variables) {
			conditions = append(conditions, map[string]any{"test": test, "variable": name, "values": textList(variables[name])})
		}
	}
	return map[string]any{
		"path": path, "effect": effect(s["Effect"]), "actions": textList(s["Action"]), "notActions": textList(s["NotAction"]),
		"resources": textList(s["Resource"]), "notResources": textList(s["NotResource"]),
		"principals": principals(s["Principal"]), "notPrincipals": principals(s["NotPrincipal"]), "conditions": conditions,
	}
}

// principals takes "*", a text that is not known, and {"AWS": …}.
func principals(v any) []any {
	out := []any{}
	switch v := v.(type) {
	case string:
		kind := "*"
		if v != "*" {
			kind = "AWS"
		}
		out = append(out, map[string]any{"type": kind, "identifiers": []any{v}})
	case map[string]any:
		for _, kind := range sortedKeys(v) {
			out = append(out, map[string]any{"type": kind, "identifiers": textList(v[kind])})
		}
	}
	return out
}

// heredoc finds the places in JSON that is written as a heredoc. Interpolated text of several lines would move what is below it.
func (s *scope) heredoc(e hclsyntax.Expression, v any, p *place) {
	t, ok := e.(*hclsyntax.TemplateExpr)
	content, _, isString := render(v)
	start := e.Range().Start.Byte
	if !ok || !isString || start+3 > len(s.src.text) || string(s.src.text[start:start+2]) != "<<" {
		return
	}
	if _, ok := policyText(content); !ok {
		return
	}
	marked, _ := mark(content)
	docs, err := parseJSON([]byte(marked))
	if err != nil || len(docs) == 0 {
		return
	}
	indent := 0
	if first := t.Parts[0].Range().Start; s.src.text[start+2] == '-' {
		indent = first.Column - 1
	}
	p.below(placeOfNode(docs[0].root, e.Range().Start.Line, indent))
}

// placeOfNode is a tree of nodes as places, moved by lines and columns.
func placeOfNode(n *yaml.Node, lines, columns int) *place {
	p := &place{pos: Position{Line: n.Line + lines, Column: n.Column + columns, EndLine: lastLine(n) + lines}}
	for i, c := range n.Content {
		switch n.Kind {
		case yaml.MappingNode:
			if i%2 == 0 {
				continue
			}
			if p.names == nil {
				p.names = map[string]*place{}
			}
			p.names[n.Content[i-1].Value] = placeOfNode(c, lines, columns)
		default:
			p.list = append(p.list, placeOfNode(c, lines, columns))
		}
	}
	return p
}
