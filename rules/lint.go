// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
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
	LintIgnored        = "ignored-refusal"  // a refusal that nobody asks for, by its name
	LintLooseMatch     = "loose-match"      // a pattern or a beginning that more fits than is meant lets something through
)

// Lint finds rules of a policy that fail open: refusals that become undefined where something is missing, text that is compared where a version, a time
// or a severity is meant, and conditions that hold because there is nothing to hold for. It reads the sources; Compile checks them. Rules that
// pass are not proven right.
func Lint(modules []Module) ([]Doubt, error) {
	l := &linter{rules: map[string][]*definition{}}
	for _, m := range modules {
		if strings.HasSuffix(m.Path, testSuffix) {
			continue
		}
		mod, err := newCompilation(capabilities(), gateDecisions).parse(m)
		if err != nil {
			return nil, err
		}
		l.module(m.Path, mod)
	}
	l.follow()
	l.judge()
	slices.SortFunc(l.doubts, func(a, b Doubt) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), cmp.Compare(a.Check, b.Check), cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(l.doubts), nil
}

type linter struct {
	rules  map[string][]*definition // by package and name
	all    []*definition            // in the order of the files
	doubts []Doubt
}

func (l *linter) doubt(path string, loc *ast.Location, check, message, hint string) {
	d := Doubt{Path: path, Check: check, Message: message, Hint: hint}
	if loc != nil {
		d.Line, d.Column = loc.Row, loc.Col
	}
	l.doubts = append(l.doubts, d)
}

// module takes the rules of a file, else branches apart.
func (l *linter) module(path string, mod *ast.Module) {
	pkg, hasDefault, firstAllow := mod.Package.Path.String(), false, (*ast.Rule)(nil)
	imports := map[ast.Var]ast.Ref{}
	for _, i := range mod.Imports {
		if ref, ok := i.Path.Value.(ast.Ref); ok {
			imports[i.Name()] = ref
		}
	}
	for _, r := range mod.Rules {
		name := ruleName(r)
		if name == allow {
			if firstAllow == nil {
				firstAllow = r
			}
			hasDefault = hasDefault || r.Default
		}
		for branch := r; branch != nil; branch = branch.Else {
			d := &definition{path: path, pkg: pkg, imports: imports, rule: branch, names: map[ast.Var]spot{}, other: branch != r}
			switch name {
			case allow:
				d.use = lets
			case refuse, finds:
				d.use = refuses
			case warn:
				d.use = tells
			}
			d.alias()
			l.all = append(l.all, d)
			l.rules[pkg+"."+name] = append(l.rules[pkg+"."+name], d)
		}
	}
	if firstAllow != nil && !hasDefault {
		l.doubt(path, firstAllow.Location, LintNoDefault, "allow has no default: where no body holds it is undefined, which is an error at the gate", "write `default allow := false`")
	}
}
