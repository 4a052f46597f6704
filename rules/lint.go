// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Doubt is a place in a policy's rule where it may let through what it should refuse.
type Doubt struct {
	Path    string `json:"path"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Check   string `json:"check"` // see the constants
	Message string `json:"message"`
	Hint    string `json:"hint"`
}

// What Lint looks for.
const (
	LintAllowByDefault = "allow-by-default" // `default allow := true`
	LintNoDefault      = "no-default"       // allow without a default: undefined where no body holds
	LintNegatedMissing = "negated-missing"  // `not f(x.y)`: undefined, not true, where x has no y
	LintRawPredicate   = "raw-predicate"    // a refusal that vanishes where a predicate lacks a field
	LintCompareText    = "compare-text"     // versions, times or severities compared as text
	LintEveryEmpty     = "every-empty"      // `every` holds for an empty set
)

// Lint finds rules of a policy that fail open: refusals that become undefined where something is missing, text that is compared where a version, a time
// or a severity is meant, and conditions that hold because there is nothing to hold for. It reads the sources; Compile checks them. Rules that
// pass are not proven right.
func Lint(modules []Module) ([]Doubt, error) {
	var out []Doubt
	for _, m := range modules {
		if strings.HasSuffix(m.Path, testSuffix) {
			continue
		}
		mod, err := newCompilation(capabilities(), gateDecisions).parse(m)
		if err != nil {
			return nil, err
		}
		l := &linter{path: m.Path}
		l.module(mod)
		out = append(out, l.doubts...)
	}
	slices.SortFunc(out, func(a, b Doubt) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Check, b.Check))
	})
	return slices.Compact(out), nil
}

type linter struct {
	path   string
	doubts []Doubt
}

func (l *linter) doubt(loc *ast.Location, check, message, hint string) {
	d := Doubt{Path: l.path, Check: check, Message: message, Hint: hint}
	if loc != nil {
		d.Line, d.Column = loc.Row, loc.Col
	}
	l.doubts = append(l.doubts, d)
}

func (l *linter) module(mod *ast.Module) {
	hasDefault, firstAllow := false, (*ast.Rule)(nil)
	for _, r := range mod.Rules {
		if ruleName(r) == allow {
			if firstAllow == nil {
				firstAllow = r
			}
			hasDefault = hasDefault || r.Default
			if r.Default && r.Head.Value != nil && r.Head.Value.Value.Compare(ast.Boolean(true)) == 0 {
				l.doubt(r.Location, LintAllowByDefault, "allow is true unless something else is said", "write `default allow := false`, and say when it is true")
			}
		}
		l.rule(r)
	}
	if firstAllow != nil && !hasDefault {
		l.doubt(firstAllow.Location, LintNoDefault, "allow has no default: where no body holds it is undefined, which is an error at the gate", "write `default allow := false`")
	}
}

// rule looks at a rule and its else branches.
func (l *linter) rule(r *ast.Rule) {
	for ; r != nil; r = r.Else {
		refuses := ruleName(r) == refuse || ruleName(r) == finds
		ast.WalkBodies(r, func(b ast.Body) bool {
			l.body(b)
			return false
		})
		ast.WalkBodies(r, func(b ast.Body) bool {
			for _, e := range b {
				l.expression(e, b, refuses)
			}
			return false
		})
	}
}

// body looks for `every` over what may be empty, unless the same body says that it is not.
func (l *linter) body(b ast.Body) {
	for _, e := range b {
		every, ok := e.Terms.(*ast.Every)
		if !ok {
			continue
		}
		domain := every.Domain.String()
		sure := slices.ContainsFunc(b, func(x *ast.Expr) bool {
			s := x.String()
			return x != e && (strings.Contains(s, "count("+domain+")") || strings.HasPrefix(s, "neq("+domain+",") || strings.Contains(s, domain+" != ") || strings.Contains(s, domain+"[") || (strings.HasPrefix(s, "some ") && strings.HasSuffix(s, " in "+domain)))
		})
		if !sure {
			l.doubt(e.Location, LintEveryEmpty, "every holds where "+domain+" is empty, so nothing at all would do", "add `count("+domain+") > 0` beside it")
		}
	}
}

var relations = []string{"lt", "lte", "gt", "gte"}

func (l *linter) expression(e *ast.Expr, body ast.Body, refuses bool) {
	if !e.IsCall() {
		return
	}
	name, args := e.Operator().String(), e.Operands()
	if slices.Contains(relations, name) {
		for _, arg := range args {
			if what := textual(arg); what != "" && !isNumberIn(body, arg) {
				l.doubt(e.Location, LintCompareText, fmt.Sprintf("%s is compared as text, so \"10.0\" comes before \"9.0\"", what),
					"compare versions with semver.compare, times with time.parse_rfc3339_ns, severities by their rank in data.sealock.lib.levels")
				break
			}
		}
	}
	if !e.Negated && !refuses {
		return
	}
	for _, arg := range args {
		ref, isRef := arg.Value.(ast.Ref)
		if !isRef || len(ref) < 2 {
			continue
		}
		switch {
		case e.Negated && name != "equal" && mayBeMissing(ref):
			l.doubt(e.Location, LintNegatedMissing, fmt.Sprintf("`%s` is undefined, not true, where %s is missing", strings.TrimSpace(string(e.Location.Text)), ref), "take it with object.get and a default")
		case refuses && throughPredicate(ref):
			l.doubt(e.Location, LintRawPredicate, fmt.Sprintf("where %s is missing, the refusal vanishes", ref), "judge what data.sealock.lib.read gives, where every field is there, or take it with object.get and a default")
		}
	}
}

// isNumberIn reports whether the body makes sure that something is a number.
func isNumberIn(body ast.Body, t *ast.Term) bool {
	return slices.ContainsFunc(body, func(e *ast.Expr) bool {
		return e.IsCall() && !e.Negated && e.Operator().String() == "is_number" && e.Operand(0).Equal(t)
	})
}

// textual names an operand that is text: a literal, or a field that by its name holds a version, a time or a severity as text.
func textual(t *ast.Term) string {
	switch v := t.Value.(type) {
	case ast.String:
		return v.String()
	case ast.Ref:
		last, ok := v[len(v)-1].Value.(ast.String)
		if !ok {
			return ""
		}
		name := strings.ToLower(string(last))
		for _, word := range []string{"version", "severity", "expires", "published", "lastupdate"} {
			if name == word || strings.HasSuffix(name, word) {
				return v.String()
			}
		}
		for _, word := range []string{"On", "At", "Time", "Date"} { // finishedOn, timeCreated is none
			if strings.HasSuffix(string(last), word) && len(last) > len(word) {
				return v.String()
			}
		}
	}
	return ""
}

// mayBeMissing reports whether a reference goes into the input document, where fields of foreign evidence need not be.
func mayBeMissing(ref ast.Ref) bool {
	head := ref[0].Value.String()
	return head != "data" && head != "params" && !strings.HasPrefix(ref.String(), "input.environment") && !strings.HasPrefix(ref.String(), "input.question")
}

// throughPredicate reports whether a reference reads a field of a raw predicate.
func throughPredicate(ref ast.Ref) bool {
	for i, part := range ref[1:] {
		if s, ok := part.Value.(ast.String); ok && s == "predicate" && i+2 < len(ref) {
			return true
		}
	}
	return false
}
