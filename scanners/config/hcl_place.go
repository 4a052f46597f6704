// SPDX-License-Identifier: Apache-2.0

package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// place is where a value stands, and where its parts do as far as they are written out.
type place struct {
	pos   Position
	names map[string]*place
	list  []*place
}

// position finds a path; a leading "values" is passed over unless there is such an attribute.
func (p *place) position(path []any) Position {
	if len(path) > 0 && path[0] == "values" && p.names["values"] == nil {
		path = path[1:]
	}
	for _, e := range path {
		var next *place
		switch e := e.(type) {
		case string:
			next = p.names[e]
		case int:
			switch {
			case e >= 0 && e < len(p.list):
				next = p.list[e]
			case e == 0 && p.names != nil:
				next = p // one block, written as an object
			}
		}
		if next == nil {
			break
		}
		p = next
	}
	return p.pos
}

func rangePosition(r hcl.Range) Position {
	return Position{Line: r.Start.Line, Column: r.Start.Column, EndLine: max(r.Start.Line, r.End.Line)}
}

// placeOf finds the places of a literal's parts.
func placeOf(e hclsyntax.Expression, depth int) *place {
	p := &place{pos: rangePosition(e.Range())}
	if depth > maxDepth {
		return p
	}
	switch e := e.(type) {
	case *hclsyntax.ParenthesesExpr:
		return placeOf(e.Expression, depth+1)
	case *hclsyntax.TemplateWrapExpr:
		p.below(placeOf(e.Wrapped, depth+1))
	case *hclsyntax.TupleConsExpr:
		for _, x := range e.Exprs {
			p.list = append(p.list, placeOf(x, depth+1))
		}
	case *hclsyntax.ObjectConsExpr:
		p.names = map[string]*place{}
		for _, item := range e.Items {
			if name, ok := literalKey(item.KeyExpr); ok {
				p.names[name] = placeOf(item.ValueExpr, depth+1)
			}
		}
	case *hclsyntax.FunctionCallExpr:
		switch e.Name {
		case "jsonencode", "tolist", "toset", "tomap", "sensitive", "nonsensitive":
			if len(e.Args) == 1 {
				p.below(placeOf(e.Args[0], depth+1))
			}
		case "merge":
			for _, a := range e.Args {
				p.below(placeOf(a, depth+1))
			}
		case "concat":
			for _, a := range e.Args {
				if _, ok := a.(*hclsyntax.TupleConsExpr); !ok {
					break
				}
				p.below(placeOf(a, depth+1))
			}
		}
	}
	return p
}

// below takes over the parts of another place.
func (p *place) below(q *place) {
	p.list = append(p.list, q.list...)
	for k, v := range q.names {
		if p.names == nil {
			p.names = map[string]*place{}
		}
		p.names[k] = v
	}
}

func literalKey(e hclsyntax.Expression) (string, bool) {
	k, ok := e.(*hclsyntax.ObjectConsKeyExpr)
	if !ok {
		return "", false
	}
	if name := hcl.ExprAsKeyword(k.Wrapped); name != "" && !k.ForceNonLiteral {
		return name, true
	}
	v, diags := k.Wrapped.Value(nil)
	if diags.HasErrors() {
		return "", false
	}
	s, ok := fromKnown(v).(string)
	return s, ok
}

func blockPosition(b *hclsyntax.Block) Position {
	p := rangePosition(b.DefRange())
	p.EndLine = max(p.Line, b.CloseBraceRange.End.Line)
	return p
}
