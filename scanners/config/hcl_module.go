// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"path"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// tfSource is one file of a module.
type tfSource struct {
	path  string
	text  []byte // what ranges point into: the file, and for .tf.json the templates after it
	body  *hclsyntax.Body
	nodes int // values made of this file so far, over all calls of its module
}

// tfDef is the definition of a local or a variable.
type tfDef struct {
	src   *tfSource
	expr  hclsyntax.Expression // the value, or the default; nil if there is none
	kind  hclsyntax.Expression // the type of a variable; nil if there is none
	never bool                 // a variable that is not nullable
}

// tfFolder is a module as it is written.
type tfFolder struct {
	path    string
	sources []*tfSource
	vars    map[string][]*tfDef
	locals  map[string][]*tfDef
	preset  map[string]any // from tfvars files
	files   *tfFiles       // that functions read
	runs    int
}

// tfModule is one evaluation of a folder: with its defaults, or with the arguments of a call.
type tfModule struct {
	*tfFolder
	root      string // the folder of the module that all calls began in
	given     map[string]any
	done      map[*tfDef]any
	busy      map[*tfDef]bool
	steps     int
	exhausted bool
	problems  []Problem
}

// newFolder sorts the definitions of a folder's files.
func newFolder(folder string, sources []*tfSource) *tfFolder {
	f := &tfFolder{path: folder, sources: sources, vars: map[string][]*tfDef{}, locals: map[string][]*tfDef{}}
	for _, src := range sources {
		for _, b := range src.body.Blocks {
			switch {
			case b.Type == "locals":
				for name, a := range b.Body.Attributes {
					f.locals[name] = append(f.locals[name], &tfDef{src: src, expr: a.Expr})
				}
			case b.Type == "variable" && len(b.Labels) == 1:
				d := &tfDef{src: src}
				if a := b.Body.Attributes["default"]; a != nil {
					d.expr = a.Expr
				}
				if a := b.Body.Attributes["type"]; a != nil {
					d.kind = a.Expr
				}
				if a := b.Body.Attributes["nullable"]; a != nil {
					v, _ := a.Expr.Value(nil)
					d.never = v.IsWhollyKnown() && !v.IsNull() && same(fromKnown(v), false)
				}
				f.vars[b.Labels[0]] = append(f.vars[b.Labels[0]], d)
			}
		}
	}
	return f
}

func (f *tfFolder) evaluate(given map[string]any) *tfModule {
	f.runs++
	return &tfModule{tfFolder: f, root: f.path, given: given, done: map[*tfDef]any{}, busy: map[*tfDef]bool{}, steps: evalSteps}
}

// define picks the definition that a file means. Folders with several independent samples define a name more than once: the file's own is nearest.
func define(defs []*tfDef, src *tfSource) *tfDef {
	for _, d := range defs {
		if d.src == src {
			return d
		}
	}
	if len(defs) > 0 {
		return defs[0]
	}
	return nil
}

// local is a local value, evaluated once. A cycle is text.
func (m *tfModule) local(src *tfSource, name string) (any, bool) {
	d := define(m.locals[name], src)
	if d == nil {
		return nil, false
	}
	return m.value(d, "local."+name), true
}

// variable is a variable's value: the argument, the preset of a tfvars file, the default, or its name as text.
func (m *tfModule) variable(src *tfSource, name string) (any, bool) {
	d := define(m.vars[name], src)
	if d == nil {
		return nil, false
	}
	v, ok := m.given[name]
	if ok && (v != nil || !d.never) {
		return complete(v, d.kind, 0), true
	}
	if d.expr == nil {
		return text("${var." + name + "}"), true
	}
	return complete(m.value(d, "var."+name), d.kind, 0), true
}

func (m *tfModule) value(d *tfDef, name string) any {
	if v, ok := m.done[d]; ok {
		return v
	}
	unknown := text("${" + name + "}")
	if m.busy[d] || len(m.busy) > maxDepth {
		return unknown
	}
	m.busy[d] = true
	defer delete(m.busy, d)
	var v any = unknown
	if x := (&scope{mod: m, src: d.src}).eval(d.expr); size(x, maxValueNodes) <= maxValueNodes {
		v = x
	} else {
		m.tooLarge(d.src, d.expr.Range())
	}
	m.done[d] = v
	return v
}

// tooLarge reports a value that was left out of the evaluation.
func (m *tfModule) tooLarge(src *tfSource, r hcl.Range) {
	if len(m.problems) < maxFileProblems {
		m.problems = append(m.problems, Problem{File: src.path, Line: r.Start.Line, Column: r.Start.Column,
			Message: fmt.Sprintf("evaluating terraform: a value has more than %d parts or %d bytes: write it out, or make it smaller", maxValueNodes, maxText)})
	}
}

// complete fills in the defaults of optional() attributes of a variable's type.
func complete(v any, kind hclsyntax.Expression, depth int) any {
	c, ok := kind.(*hclsyntax.FunctionCallExpr)
	if !ok || len(c.Args) == 0 || depth > maxDepth {
		return v
	}
	switch c.Name {
	case "optional":
		if v == nil && len(c.Args) > 1 {
			d, _ := c.Args[1].Value(nil)
			v = fromKnown(d)
		}
		return complete(v, c.Args[0], depth+1)
	case "list", "set", "map":
		switch x := v.(type) {
		case []any:
			out := make([]any, len(x))
			for i, e := range x {
				out[i] = complete(e, c.Args[0], depth+1)
			}
			return out
		case map[string]any:
			out := make(map[string]any, len(x))
			for k, e := range x {
				out[k] = complete(e, c.Args[0], depth+1)
			}
			return out
		}
	case "object":
		x, ok := v.(map[string]any)
		fields, isObject := c.Args[0].(*hclsyntax.ObjectConsExpr)
		if !ok || !isObject {
			return v
		}
		out := make(map[string]any, len(x))
		for k, e := range x {
			out[k] = e
		}
		for _, f := range fields.Items {
			if name := hcl.ExprAsKeyword(f.KeyExpr); name != "" {
				if e, there := x[name]; there || isOptional(f.ValueExpr) {
					out[name] = complete(e, f.ValueExpr, depth+1)
				}
			}
		}
		return out
	}
	return v
}

func isOptional(e hclsyntax.Expression) bool {
	c, ok := e.(*hclsyntax.FunctionCallExpr)
	return ok && c.Name == "optional"
}

// presets reads tfvars files; the later file wins.
func presets(files []*tfSource) map[string]any {
	out := map[string]any{}
	for _, src := range files {
		for name, a := range src.body.Attributes {
			m := (&tfFolder{sources: []*tfSource{src}}).evaluate(nil)
			if v := (&scope{mod: m, src: src}).eval(a.Expr); size(v, maxValueNodes) <= maxValueNodes {
				out[name] = v
			}
		}
	}
	return out
}

// localSource is the folder that a module call names, if it is one of the tree.
func localSource(folder string, v any) (string, bool) {
	s, ok := v.(string)
	if !ok || !strings.HasPrefix(s, "./") && !strings.HasPrefix(s, "../") && s != "." && s != ".." {
		return "", false
	}
	p := path.Join(folder, s)
	if p == "." {
		p = ""
	}
	return p, p != ".." && !strings.HasPrefix(p, "../")
}
