// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// FindingRules are compiled rules that look for faults: each defines a set `finding` of objects. They see one input document, their parameters, and
// nothing else, under the same restrictions as the gate's rules. They are safe for concurrent use.
type FindingRules struct {
	set    Set
	own    int // how many of the programs are sealock's; that of a policy follows
	scopes *Scopes
	chosen []string // parts that are evaluated; none: all
}

// Finding is one fault that a rule sees.
type Finding struct {
	Rule     *Rule
	Severity string // the policy's for this rule, else the finding's own, else the rule's
	Message  string
	Found    string
	Expected string
	Fix      string // the finding's own, else the rule's remediation
	Item     int    // what it is about: the id of an item of the input document
	Path     []any  // where in that item: names and indexes
}

// FindingOptions are what CompileFindings takes.
type FindingOptions struct {
	Own         []Module      // sealock's rules and their libraries, packages below sealock
	Compiled    string        // what EncodeCompiled made of Own; used only if it fits
	Scopes      *Scopes       // what Own reads; nil: each of them may read everything
	Policy      []Module      // rules of a policy: packages below policy.config, and libraries
	Timeout     time.Duration // of one evaluation; 0 means DefaultFindingTimeout
	MemoryLimit uint64        // 0 means DefaultMemoryLimit
}

// Bounds on the evaluation of rules over a whole tree.
const (
	DefaultFindingTimeout = 2 * time.Minute
	MaxFindings           = 100_000
)

// CompileFindings checks and compiles rules over configuration.
func CompileFindings(opt FindingOptions) (f *FindingRules, err error) {
	defer recovered(&err, "compiling the rules")
	s := Set{digest: digest(opt.Own), timeout: cmp.Or(max(opt.Timeout, 0), DefaultFindingTimeout), memory: cmp.Or(opt.MemoryLimit, DefaultMemoryLimit)}
	caps := capabilities()
	if s.programs, err = findingPrograms(opt, s.digest, caps); err != nil {
		return nil, err
	}
	own := len(s.programs)
	policy, err := findingSources(nil, opt.Policy, nil, caps)
	if err != nil {
		return nil, err
	}
	s.programs = append(s.programs, policy...)
	for _, p := range s.programs {
		s.rules = append(s.rules, p.rules...)
	}
	if s.rules, err = byID(s.rules); err != nil {
		return nil, err
	}
	if len(s.rules) == 0 {
		return nil, &Error{Code: CodeNoRules, Message: "there are no rules to evaluate", Hint: "nothing can be found without a rule"}
	}
	s.digest = Digest(opt.Own, opt.Policy)
	return &FindingRules{set: s, own: own, scopes: opt.Scopes}, nil
}

// findingPrograms is sealock's own rules: from their compiled form if it is that of these sources, else from the sources.
func findingPrograms(opt FindingOptions, sum string, caps *ast.Capabilities) ([]*program, error) {
	pre, found, err := readCompiled(opt.Compiled, sum)
	if err != nil {
		return nil, &Error{Code: CodeRule, Message: err.Error(), cause: err}
	}
	if !found {
		return findingSources(opt.Own, nil, opt.Scopes, caps)
	}
	compiler, err := pre.compiler(caps)
	if err != nil {
		return nil, err
	}
	return preparedPrograms(compiler, byCategory(pre.rules, opt.Scopes), findingQuery)
}

// findingSources compiles sealock's rules or those that a policy brings; none is fine.
func findingSources(own, policy []Module, scopes *Scopes, caps *ast.Capabilities) ([]*program, error) {
	c := newCompilation(caps, findingDecisions)
	if err := c.load(own, policy); err != nil {
		return nil, err
	}
	rules, err := c.finish()
	if err != nil || len(rules) == 0 {
		return nil, err
	}
	if len(own) > 0 {
		return c.programs(byCategory(rules, scopes), findingQuery)
	}
	return c.programs([]group{{"policy", PartWhole, rules}}, findingQuery)
}

// byCategory evaluates the rules of each category by a query of its own, so that they can be evaluated side by side; rules of different parts by
// different ones, so that each part can be evaluated by itself.
func byCategory(rules []*Rule, scopes *Scopes) []group {
	var out []group
	for _, r := range rules {
		part := scopes.part(r)
		name := "group_" + part
		for _, segment := range r.path[:len(r.path)-1] {
			name += "_" + strings.ReplaceAll(segment, "-", "_")
		}
		i := slices.IndexFunc(out, func(g group) bool { return g.name == name })
		if i < 0 {
			i, out = len(out), append(out, group{name: name, part: part})
		}
		out[i].rules = append(out[i].rules, r)
	}
	return out
}

// Rules lists the rules, sorted by id.
func (f *FindingRules) Rules() []Rule { return f.set.Rules() }

// Digest names the files in use, sealock's and the policy's, as Set.Digest does.
func (f *FindingRules) Digest() string { return f.set.digest }

// Check reports what is wrong with the parameters of a policy.
func (f *FindingRules) Check(params map[string]map[string]any) error {
	var errs []error
	for _, id := range sortedKeys(params) {
		r := f.set.rule(id)
		if r == nil {
			errs = append(errs, unknownRule(id, f.set.rules))
		} else if _, err := r.resolve(params[id]); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Part is the rules of some parts: those that Find evaluates.
func (f *FindingRules) Part(names ...string) *FindingRules {
	some := *f
	some.chosen = names
	return &some
}

// Views are the rules that look at several objects at once, and what they read. Each is a part of its own.
func (f *FindingRules) Views() []View {
	if f.scopes == nil {
		return nil
	}
	return f.scopes.Views
}

// Everywhere are the types of Terraform's resources that rules of PartEach must see beside those of any module.
func (f *FindingRules) Everywhere() []string {
	if f.scopes == nil {
		return nil
	}
	return f.scopes.Everywhere
}

// Whole reports that there are rules that may read everything, as those of a policy.
func (f *FindingRules) Whole() bool {
	return slices.ContainsFunc(f.set.programs, func(p *program) bool { return p.part == PartWhole })
}

// programs are those that are evaluated, sealock's first. Rules that look at one item at a time are not evaluated where there is none for them.
func (f *FindingRules) programs(doc map[string]any) (out []*program, own int) {
	for i, p := range f.set.programs {
		if len(f.chosen) > 0 && !slices.Contains(f.chosen, p.part) || p.part == PartEach && !p.concerns(doc) {
			continue
		}
		if out = append(out, p); i < f.own {
			own++
		}
	}
	return out, own
}

// concerns reports whether a document has something in a list that one of the program's rules reads.
func (p *program) concerns(doc map[string]any) bool {
	return slices.ContainsFunc(p.rules, func(r *Rule) bool {
		return slices.ContainsFunc(r.Kinds, func(list string) bool {
			items, plain := doc[list].([]any)
			return !plain || len(items) > 0
		})
	})
}

// Find evaluates every rule, categories side by side. Findings are sorted; none and no error means that every rule ran and found nothing.
func (f *FindingRules) Find(ctx context.Context, in Input) (out []Finding, err error) {
	defer recovered(&err, "evaluating the rules")
	doc, err := f.set.Document(in.Document)
	if err != nil {
		return nil, err
	}
	params, err := f.set.params(in)
	if err != nil {
		return nil, err
	}
	items, _ := in.Document.(map[string]any)
	all, err := f.set.watched(ctx, func(ctx context.Context) (map[string]any, error) {
		return f.sideBySide(ctx, items, doc.value, params, in.At)
	})
	if err != nil {
		return nil, err
	}
	for _, r := range f.set.rules {
		value, evaluated := all[r.ID]
		if !evaluated {
			continue
		}
		found, err := r.findings(value, in.Params[r.ID])
		if err != nil {
			return nil, err
		}
		if out = append(out, found...); len(out) > MaxFindings {
			return nil, r.wrong(CodeLimit, fmt.Sprintf("there are more than %d findings", MaxFindings))
		}
	}
	return out, nil
}

// findings reads what a rule found. Anything but the form of the package's documentation is an error, never ignored.
func (r *Rule) findings(value any, params map[string]any) ([]Finding, error) {
	decisions, _ := value.(map[string]any)
	wrapped, ok := decisions[finds].([]any)
	if !ok || len(wrapped) != 1 {
		return nil, r.wrong(CodeUndefined, "finding is undefined")
	}
	set, ok := wrapped[0].([]any)
	if !ok {
		return nil, r.wrong(CodeType, "finding: expected a set of objects, found "+typeName(wrapped[0]))
	}
	out := make([]Finding, 0, len(set))
	for _, v := range set {
		f, err := r.finding(v)
		if err != nil {
			return nil, r.wrong(CodeType, "finding: "+err.Error())
		}
		if s, ok := params["severity"].(string); ok {
			f.Severity = s
		}
		out = append(out, f)
	}
	return out, nil
}

func (r *Rule) finding(v any) (Finding, error) {
	f := Finding{Rule: r, Severity: r.Severity, Fix: r.Remediation}
	obj, ok := v.(map[string]any)
	if !ok {
		return f, fmt.Errorf("expected an object, found %s", typeName(v))
	}
	fields := map[string]*string{"message": &f.Message, "found": &f.Found, "expected": &f.Expected, "fix": &f.Fix, "severity": &f.Severity}
	for _, name := range sortedKeys(obj) {
		switch to, known := fields[name]; {
		case known:
			if *to, ok = obj[name].(string); !ok {
				return f, fmt.Errorf("%s: expected text, found %s", name, typeName(obj[name]))
			}
			*to = clean(*to)
			if name == "fix" { // a snippet to paste may have lines
				*to = strings.ReplaceAll(*to, `\u000a`, "\n")
			}
		case name != "item" && name != "path":
			return f, fmt.Errorf("it has a field %q that findings do not have%s", name, suggest(name, append(sortedKeys(fields), "item", "path")))
		}
	}
	item, ok := obj["item"].(json.Number)
	n, err := item.Int64()
	if !ok || err != nil || n < 0 {
		return f, fmt.Errorf("item: expected the id of an item, found %s", show(obj["item"]))
	}
	f.Item = int(n)
	if f.Path, ok = obj["path"].([]any); !ok {
		return f, fmt.Errorf("path: expected a list of names and indexes, found %s", typeName(obj["path"]))
	}
	if strings.TrimSpace(f.Message) == "" {
		return f, errors.New("it has no message")
	}
	if !slices.Contains(levels, f.Severity) {
		return f, fmt.Errorf("severity %q: expected one of %s", f.Severity, strings.Join(levels, ", "))
	}
	return f, nil
}
