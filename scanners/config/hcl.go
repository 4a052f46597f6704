// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Bounds of Terraform's modules.
const (
	maxFileProblems = 20  // problems reported for one file
	maxCalls        = 256 // evaluations of one module
	maxCallDepth    = 16  // modules in modules
)

// terraformFolder is a module of the tree: all its files.
type terraformFolder struct {
	path   string
	files  []file
	beside *tfFiles // that functions may read; nil for none
}

// terraform evaluates the modules of a tree.
type terraform struct {
	lim      limits
	folders  map[string]*tfFolder
	items    []Item
	problems []Problem
	active   map[*tfFolder]bool
	root     string           // the folder of the module that all calls began in
	seen     map[string][]int // items by file and line, to drop what several calls have in common
}

// parseTerraformTree reads the Terraform files of a tree, each folder as one module. A module that another one of the tree calls is evaluated with
// the arguments of each call, every other one with its tfvars files and defaults.
func parseTerraformTree(folders []terraformFolder, lim limits) ([]Item, []Problem, error) {
	t := &terraform{lim: lim, folders: map[string]*tfFolder{}, active: map[*tfFolder]bool{}, seen: map[string][]int{}}
	var order []string
	for _, f := range folders {
		var sources, vars []*tfSource
		for _, one := range f.files {
			src, problems := parseSource(one, lim)
			t.problems = append(t.problems, problems...)
			switch {
			case src == nil:
			case isVars(one.path):
				vars = append(vars, src)
			default:
				sources = append(sources, src)
			}
		}
		t.folders[f.path] = newFolder(f.path, sources)
		t.folders[f.path].preset, t.folders[f.path].files = presets(vars), f.beside
		order = append(order, f.path)
	}
	slices.Sort(order)
	called := t.called(order)
	for _, roots := range []bool{true, false} {
		for _, p := range order {
			// What only modules in a circle call has no root, and is evaluated with its defaults too.
			if f := t.folders[p]; f.runs == 0 && (!roots || !called[p]) {
				if err := t.run(f, f.preset, 0); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	return t.items, t.problems, nil
}

func isVars(p string) bool {
	return strings.HasSuffix(p, ".tfvars") || strings.HasSuffix(p, ".tfvars.json")
}

// parseSource parses one file; what could be read of a faulty one is kept.
func parseSource(f file, lim limits) (*tfSource, []Problem) {
	if strings.HasSuffix(f.path, ".json") {
		return parseJSONSource(f, lim)
	}
	src := &tfSource{path: f.path, text: f.data}
	if p := guard(f, lim.depth); p != nil {
		return nil, []Problem{*p}
	}
	parsed, diags := hclsyntax.ParseConfig(f.data, f.path, hcl.InitialPos)
	if parsed != nil {
		src.body, _ = parsed.Body.(*hclsyntax.Body)
	}
	if src.body == nil {
		src = nil
	}
	return src, diagnostics(f.path, diags)
}

// diagnostics are HCL's errors as problems.
func diagnostics(file string, diags hcl.Diagnostics) []Problem {
	var out []Problem
	for _, d := range diags {
		if d.Severity != hcl.DiagError || len(out) == maxFileProblems {
			continue
		}
		p := Problem{File: file, Line: 1, Column: 1, Message: "parsing terraform: " + lowerFirst(strings.TrimSuffix(d.Summary, "."))}
		if d.Subject != nil {
			p.Line, p.Column = d.Subject.Start.Line, d.Subject.Start.Column
		}
		out = append(out, p)
	}
	return out
}

func lowerFirst(s string) string {
	if len(s) < 2 || strings.ToUpper(s[1:2]) == s[1:2] {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// maxOperators bounds expressions that nest without brackets.
const maxOperators = 1_000

// guard refuses what would nest too deeply for a recursive parser.
func guard(f file, maxNesting int) *Problem {
	if shallow(f.data, maxNesting) {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(f.data, f.path, hcl.InitialPos)
	r := nesting(tokens, maxNesting)
	if r == nil {
		return nil
	}
	return &Problem{File: f.path, Line: r.Start.Line, Column: r.Start.Column,
		Message: fmt.Sprintf("parsing terraform: nested deeper than %d, or more than %d operators in one expression", maxNesting, maxOperators)}
}

// shallow says whether there are too few brackets and operators for any nesting to matter, as in most files.
func shallow(data []byte, maxNesting int) bool {
	brackets, operators := 0, 0
	for _, c := range data {
		switch c {
		case '(', '[', '{':
			brackets++
		case '!', '?', '-', '+', '*', '/', '%', '&', '|', '<', '>', '=', ':', '.':
			operators++
		}
	}
	return 2*brackets < maxNesting && operators < maxOperators // quotes nest only with brackets between them
}

// nesting finds where brackets, quotes or operators would nest too deeply.
func nesting(tokens hclsyntax.Tokens, maxNesting int) *hcl.Range {
	type level struct {
		operators int
		lines     bool // a new line ends an expression here
	}
	open := []level{{lines: true}}
	for _, t := range tokens {
		last := len(open) - 1
		switch t.Type {
		case hclsyntax.TokenTemplateControl:
			open[last].operators++
			open = append(open, level{})
		case hclsyntax.TokenOBrace:
			open = append(open, level{lines: true})
		case hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp:
			open = append(open, level{})
		case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc,
			hclsyntax.TokenTemplateSeqEnd:
			open = open[:max(1, last)]
		case hclsyntax.TokenNewline, hclsyntax.TokenComma:
			if open[last].lines || t.Type == hclsyntax.TokenComma {
				open[last].operators = 0
			}
		case hclsyntax.TokenIdent, hclsyntax.TokenNumberLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenStringLit, hclsyntax.TokenComment:
		default:
			open[last].operators++
		}
		if len(open) > maxNesting || open[len(open)-1].operators > maxOperators {
			return &t.Range
		}
	}
	return nil
}

// called are the folders that another folder of the tree calls as a module.
func (t *terraform) called(order []string) map[string]bool {
	out := map[string]bool{}
	for _, p := range order {
		for _, src := range t.folders[p].sources {
			for _, b := range src.body.Blocks {
				if a := b.Body.Attributes["source"]; a != nil && b.Type == "module" {
					v, diags := a.Expr.Value(nil)
					if child, ok := localSource(p, fromKnown(v)); ok && !diags.HasErrors() && child != p {
						out[child] = true
					}
				}
			}
		}
	}
	return out
}

// run evaluates a module and those that it calls.
func (t *terraform) run(f *tfFolder, given map[string]any, depth int) error {
	t.active[f] = true
	defer delete(t.active, f)
	if depth == 0 {
		t.root = f.path
	}
	m := f.evaluate(given)
	m.root = t.root
	for _, src := range f.sources {
		for _, b := range src.body.Blocks {
			if err := t.block(m, src, b, depth); err != nil {
				return err
			}
		}
	}
	for _, p := range m.problems {
		if !slices.Contains(t.problems, p) && len(t.problems) < maxProblems {
			t.problems = append(t.problems, p)
		}
	}
	if m.exhausted {
		return fmt.Errorf("evaluating terraform module %q: more than %d expressions: %w", path.Join(".", f.path), evalSteps, ErrLimit)
	}
	return nil
}

// block makes the items of a block of the top level: one, or one for each instance where they differ and there is room for all of them.
func (t *terraform) block(m *tfModule, src *tfSource, b *hclsyntax.Block, depth int) error {
	all := &scope{mod: m, src: src}
	var each []*scope
	switch b.Type {
	case "resource", "data":
		if each, all = all.repeat(b.Body); all == nil {
			return nil
		}
	case "module":
		if some, common := all.repeat(b.Body); common != nil && t.callable(m, all, b, len(some)) {
			each, all = some, common
		} else if common != nil {
			all = common
		}
	}
	for _, one := range each {
		if m.steps < evalSteps/2 || src.nodes > t.lim.nodes/2 {
			each = nil
			break
		}
		if err := t.instance(one, b, depth, "for_each", "count"); err != nil {
			return err
		}
	}
	if len(each) > 0 {
		return nil
	}
	return t.instance(all, b, depth)
}

// callable says whether a module may be called so many times more, with room for other calls.
func (t *terraform) callable(m *tfModule, s *scope, b *hclsyntax.Block, times int) bool {
	source := b.Body.Attributes["source"]
	if source == nil {
		return true
	}
	p, ok := localSource(m.path, s.eval(source.Expr))
	f := t.folders[p]
	return !ok || f == nil || f.runs+times <= maxCalls/2
}

// instance makes one item of a block. Attributes that are not evaluated anew for each are raw.
func (t *terraform) instance(s *scope, b *hclsyntax.Block, depth int, raw ...string) error {
	doc := map[string]any{"type": "", "name": "", "module": s.mod.path, "source": "hcl"}
	switch n := len(b.Labels); {
	case b.Type == "resource" && n == 2, b.Type == "data" && n == 2:
		doc["mode"], doc["type"], doc["name"] = "managed", b.Labels[0], b.Labels[1]
		doc["address"] = b.Labels[0] + "." + b.Labels[1]
		if b.Type == "data" {
			doc["mode"], doc["address"] = "data", "data."+doc["address"].(string)
		}
	case n == 1 && (b.Type == "variable" || b.Type == "output" || b.Type == "provider" || b.Type == "module"):
		doc["mode"], doc["name"], doc["address"] = b.Type, b.Labels[0], b.Type+"."+b.Labels[0]
		if b.Type == "variable" {
			raw, doc["address"] = []string{"type"}, "var."+b.Labels[0]
		}
	case n == 0 && (b.Type == "locals" || b.Type == "terraform"):
		doc["mode"], doc["name"], doc["address"] = b.Type, b.Type, b.Type
	default:
		return nil
	}
	refs := map[string]bool{}
	out := s.block(b.Body, blockPosition(b), refs, raw...)
	if alias, ok := out.values["alias"].(string); ok && b.Type == "provider" {
		doc["address"] = doc["address"].(string) + "." + alias
	}
	if err := t.add(s.src, doc, out); err != nil {
		return err
	}
	if b.Type == "module" {
		if err := t.registered(s.src, doc, out); err != nil {
			return err
		}
		return t.call(s.mod, s.src, b, out.values, depth)
	}
	return nil
}

// add makes an item, unless an earlier call of the module gave the same.
func (t *terraform) add(src *tfSource, doc map[string]any, b tfBlock) error {
	src.nodes += size(b.values, t.lim.nodes)
	if src.nodes > t.lim.nodes || len(t.items) >= maxItems {
		return fmt.Errorf("evaluating %s: more than %d values: %w", src.path, t.lim.nodes, ErrLimit)
	}
	values := plain(b.values).(map[string]any)
	refs := make([]any, 0, len(b.refs))
	for _, r := range sortedKeys(b.refs) {
		refs = append(refs, r)
	}
	doc["values"], doc["refs"], doc["policies"] = values, refs, t.policies(doc, values)
	key := fmt.Sprintf("%s:%d:%d", src.path, b.place.pos.Line, b.place.pos.Column)
	for _, i := range t.seen[key] {
		if reflect.DeepEqual(t.items[i].Doc, doc) {
			return nil
		}
	}
	t.seen[key] = append(t.seen[key], len(t.items))
	t.items = append(t.items, Item{Kind: Terraform, File: src.path, Resource: doc["address"].(string), Doc: doc, locate: b.place})
	return nil
}

// policies are those of resources and data, and of calls of modules that are not in the tree: all others arrive in one of these.
func (t *terraform) policies(doc, values map[string]any) []any {
	switch doc["mode"] {
	case "managed", "data":
		return policies(doc["type"].(string), values)
	case "module":
		if p, ok := localSource(doc["module"].(string), values["source"]); !ok || t.folders[p] == nil {
			return append(policies("", values), statementArguments(values)...)
		}
	}
	return []any{}
}

// metaArguments of a module's call are not variables of the module.
var metaArguments = map[string]bool{"source": true, "version": true, "count": true, "for_each": true, "providers": true, "depends_on": true}

// call evaluates a module of the tree with the arguments of this call.
func (t *terraform) call(m *tfModule, src *tfSource, b *hclsyntax.Block, values map[string]any, depth int) error {
	p, ok := localSource(m.path, values["source"])
	f := t.folders[p]
	if n, isNumber := integer(values["count"]); !ok || f == nil || isNumber && n <= 0 {
		return nil
	}
	why := ""
	switch {
	case t.active[f]:
		why = "modules call each other in a circle"
	case f.runs >= maxCalls:
		why = fmt.Sprintf("the module is called more than %d times", maxCalls)
	case depth >= maxCallDepth:
		why = fmt.Sprintf("modules are nested deeper than %d", maxCallDepth)
	}
	if why != "" {
		r := b.DefRange()
		t.problems = append(t.problems, Problem{File: src.path, Line: r.Start.Line, Column: r.Start.Column,
			Message: fmt.Sprintf("evaluating terraform: the call of %q was not evaluated: %s", p, why)})
		return nil
	}
	given := make(map[string]any, len(values))
	for name := range b.Body.Attributes {
		if !metaArguments[name] {
			given[name] = values[name] // nil where it is null
		}
	}
	return t.run(f, given, depth+1)
}
