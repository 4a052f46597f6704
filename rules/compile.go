// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"errors"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// What a rule can define: those of the gate reasons, those over configuration findings.
const (
	refuse = "refuse"
	warn   = "warn"
	allow  = "allow"
	finds  = "finding"
)

var gateDecisions, findingDecisions = []string{refuse, warn, allow}, []string{finds}

// compilation gathers modules until they are compiled together.
type compilation struct {
	caps    *ast.Capabilities
	decide  []string // the names that count as decisions
	modules map[string]*ast.Module
	rules   map[string]*Rule // by package
}

func newCompilation(caps *ast.Capabilities, decide []string) *compilation {
	return &compilation{caps: caps, decide: decide, modules: make(map[string]*ast.Module), rules: make(map[string]*Rule)}
}

// load parses and checks sealock's modules and then the policy's.
func (c *compilation) load(own, policy []Module) error {
	if len(policy) > MaxModules {
		return &Error{Code: CodeLimit, Message: fmt.Sprintf("%d rule files, limit %d", len(policy), MaxModules)}
	}
	for _, m := range own {
		if err := c.add(m, true); err != nil {
			return err
		}
	}
	var errs []error
	for _, m := range policy {
		errs = append(errs, c.add(m, false))
	}
	return errors.Join(errs...)
}

func (c *compilation) add(m Module, builtin bool) error {
	mod, err := c.parse(m)
	if err != nil {
		return err
	}
	if _, twice := c.modules[m.Path]; twice {
		return &Error{Code: CodeNamespace, Path: m.Path, Message: "there are two rule files of this path"}
	}
	path, err := packagePath(mod, builtin)
	if err != nil {
		return err
	}
	if !builtin && c.foreign(path) {
		return nil
	}
	if err := c.checkNodes(mod, strings.HasSuffix(m.Path, testSuffix)); err != nil {
		return err
	}
	if strings.HasSuffix(m.Path, testSuffix) {
		return c.noDecision(mod, "a test file")
	}
	c.modules[m.Path] = mod
	if slices.Contains(path, "lib") {
		return c.noDecision(mod, "a library (a package with a lib segment)")
	}
	if err := c.noNestedDecision(mod); err != nil {
		return err
	}
	return c.addRule(mod, path, builtin)
}

// parse reads one module as Rego v1, and says so if it is v0.
func (c *compilation) parse(m Module) (*ast.Module, error) {
	if len(m.Source) > MaxModule {
		return nil, &Error{Code: CodeLimit, Path: m.Path, Message: fmt.Sprintf("the file has %d bytes, limit %d", len(m.Source), MaxModule)}
	}
	mod, err := ast.ParseModuleWithOpts(m.Path, string(m.Source), ast.ParserOptions{Capabilities: c.caps, ProcessAnnotation: true, RegoVersion: ast.RegoV1})
	if err == nil && mod == nil {
		return nil, &Error{Code: CodeEmpty, Path: m.Path, Message: "the file is empty"}
	}
	if err == nil {
		return mod, nil
	}
	if _, old := ast.ParseModuleWithOpts(m.Path, string(m.Source), ast.ParserOptions{RegoVersion: ast.RegoV0}); old == nil {
		first := &Error{Code: CodeDialect, Path: m.Path, Line: 1, Column: 1, Message: "this is Rego v0; rules are Rego v1", cause: err,
			Hint: "`opa fmt --write --v0-v1 " + m.Path + "` rewrites it (rule bodies need `if`, sets need `contains`)"}
		var e *Error
		if errors.As(regoErrors(err, CodeDialect), &e) {
			first.Line, first.Column = e.Line, e.Column
		}
		return nil, first
	}
	return nil, regoErrors(err, CodeSyntax)
}

// packagePath gives the segments of a package below data. What a rule reads as parameters and what sealock brings can't be
// redefined by a policy.
func packagePath(mod *ast.Module, builtin bool) ([]string, error) {
	var path []string
	for _, t := range mod.Package.Path[1:] {
		s, ok := t.Value.(ast.String)
		if !ok {
			return nil, at(mod.Package.Location, CodeNamespace, "package "+mod.Package.Path.String()+" is not a plain path")
		}
		path = append(path, string(s))
	}
	if builtin {
		return path, nil
	}
	if first := path[0]; first == "sealock" || first == "params" {
		e := at(mod.Package.Location, CodeNamespace, "package "+strings.Join(path, ".")+": everything below data."+first+" belongs to sealock")
		e.Hint = "call it policy." + path[len(path)-1]
		return nil, e
	}
	return path, nil
}

// foreign reports whether a policy's package belongs to the other set of rules: those below policy.config look for faults in configuration, all
// others decide at the gate. Libraries serve both.
func (c *compilation) foreign(path []string) bool {
	overConfiguration := len(path) > 1 && path[0] == "policy" && path[1] == "config"
	return !slices.Contains(path, "lib") && overConfiguration != slices.Contains(c.decide, finds)
}

// checkNodes finds functions that are not allowed, to name them; the capabilities would refuse them all the same. Outside tests it refuses `with`, by
// which a rule could judge another document or another time than the one it was given.
func (c *compilation) checkNodes(mod *ast.Module, test bool) error {
	var errs []error
	call := func(name ast.Value, loc *ast.Location) {
		if why, yes := forbidden(name.String(), c.caps); yes {
			errs = append(errs, at(loc, CodeForbidden, "the function "+name.String()+" can't be used in rules: "+why))
		}
	}
	ast.NewGenericVisitor(func(x any) bool {
		switch x := x.(type) {
		case *ast.Expr:
			if x.IsCall() {
				call(x.Operator(), x.Location)
			}
		case *ast.Term:
			if t, ok := x.Value.(ast.Call); ok && len(t) > 0 {
				call(t[0].Value, x.Location)
			}
		case *ast.With:
			if !test {
				errs = append(errs, at(x.Location, CodeForbidden, "`with "+x.Target.String()+"` can't be used in rules, only in tests"))
			}
			call(x.Value.Value, x.Location)
		}
		return false
	}).Walk(mod)
	return errors.Join(errs...)
}

// noDecision refuses a decision in a file that is not a rule: it would look like one and never be evaluated.
func (c *compilation) noDecision(mod *ast.Module, what string) error {
	for _, r := range mod.Rules {
		if name := ruleName(r); slices.Contains(c.decide, name) {
			return at(r.Location, CodeEmpty, what+" can't define "+name+": it is not evaluated at the gate")
		}
	}
	return nil
}

// noNestedDecision refuses a decision below another name, as in `a.refuse contains …`: only those at the top of a package are evaluated.
func (c *compilation) noNestedDecision(mod *ast.Module) error {
	for _, r := range mod.Rules {
		for _, part := range r.Head.Ref()[1:] {
			name, ok := part.Value.(ast.String)
			if s := string(name); ok && slices.Contains(c.decide, s) {
				return at(r.Location, CodeEmpty, "a decision "+s+" below another name is not evaluated at the gate: name the rule "+s)
			}
		}
	}
	return nil
}

func ruleName(r *ast.Rule) string { return strings.Trim(r.Head.Ref()[0].Value.String(), `"`) }

// addRule notes which decisions a module contributes to its package.
func (c *compilation) addRule(mod *ast.Module, path []string, builtin bool) error {
	pkg := mod.Package.Path.String()
	r, err := describe(mod, path, builtin)
	if err != nil {
		return err
	}
	if known := c.rules[pkg]; known == nil {
		c.rules[pkg] = r
	} else if hasMetadata(mod) {
		if known.Title != "" || known.Accepts != nil {
			return at(mod.Package.Location, CodeMetadata, "package "+pkg+" has METADATA in two files")
		}
		r.decisions = known.decisions
		c.rules[pkg] = r
	}
	for _, rule := range mod.Rules {
		name := ruleName(rule)
		if !slices.Contains(c.decide, name) {
			continue
		}
		if len(rule.Head.Args) > 0 || len(rule.Head.Ref()) > 1 && name == allow {
			return at(rule.Location, CodeType, name+" takes no arguments: write `"+name+" if …` or `"+name+" contains {…} if …`")
		}
		if !slices.Contains(c.rules[pkg].decisions, name) {
			c.rules[pkg].decisions = append(c.rules[pkg].decisions, name)
		}
	}
	return nil
}

func hasMetadata(mod *ast.Module) bool {
	return slices.ContainsFunc(mod.Annotations, func(a *ast.Annotations) bool { return a.Scope == "package" })
}

// finish checks what can only be seen once all modules are there, and lists the rules by id.
func (c *compilation) finish() ([]*Rule, error) {
	out := make([]*Rule, 0, len(c.rules))
	for _, r := range c.rules {
		if len(r.decisions) == 0 {
			return nil, &Error{Code: CodeEmpty, Path: r.file, Line: r.line, Column: 1,
				Message: r.Package + " decides nothing: it defines none of " + strings.Join(c.decide, ", "),
				Hint:    "add `" + c.decide[0] + " contains … if …`; helpers go into a package with a lib segment, for example policy.lib"}
		}
		out = append(out, r)
	}
	return byID(out)
}

// byID sorts rules by id, which each must have for itself.
func byID(out []*Rule) ([]*Rule, error) {
	sort.Slice(out, func(i, j int) bool { return out[i].ID < out[j].ID || out[i].ID == out[j].ID && out[i].Builtin })
	for i, r := range out[min(1, len(out)):] {
		if before := out[i]; before.ID == r.ID {
			return nil, &Error{Code: CodeNamespace, Path: r.file, Line: r.line, Column: 1,
				Message: fmt.Sprintf("rule id %q is taken by %s", r.ID, before.file), Hint: "rename the package, or set custom.id in its METADATA"}
		}
	}
	return out, nil
}

func at(loc *ast.Location, code, message string) *Error {
	e := &Error{Code: code, Message: message}
	if loc != nil {
		e.Path, e.Line, e.Column = loc.File, loc.Row, loc.Col
	}
	return e
}
