// SPDX-License-Identifier: Apache-2.0

package config

import (
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// scope is what an expression can see. It never fails: what can't be known stays as its own text.
type scope struct {
	mod    *tfModule
	src    *tfSource                         // where the expression is written
	names  *binding                          // each, count, iterators, variables of for
	anon   map[*hclsyntax.AnonSymbolExpr]any // the element of a splat
	depth  int
	failed *bool // set where Terraform would have an error, for try and can

	inTemplate bool // of templatefile, which no template may call
}

// binding is a name and what it stands for, in front of those further out.
type binding struct {
	name  string
	value any
	outer *binding
}

// with is the scope with one more name.
func (s *scope) with(name string, value any) *scope {
	c := *s
	c.names = &binding{name, value, s.names}
	return &c
}

func (s *scope) bound(name string) (any, bool) {
	for b := s.names; b != nil; b = b.outer {
		if b.name == name {
			return b.value, true
		}
	}
	return nil, false
}

// source is the expression as text, on one line.
func (s *scope) source(e hclsyntax.Expression) string {
	r := e.Range()
	if r.Start.Byte < 0 || r.End.Byte > len(s.src.text) || r.Start.Byte > r.End.Byte {
		return "unknown"
	}
	t := strings.Join(strings.Fields(string(s.src.text[r.Start.Byte:min(r.End.Byte, r.Start.Byte+maxSource)])), " ")
	return t
}

// unknown is the text of what Terraform knows only later.
func (s *scope) unknown(e hclsyntax.Expression) any { return text("${" + s.source(e) + "}") }

// fail is unknown where Terraform would stop with an error.
func (s *scope) fail(e hclsyntax.Expression) any {
	if s.failed != nil {
		*s.failed = true
	}
	return s.unknown(e)
}

// eval gives the value of an expression as far as it is known.
func (s *scope) eval(e hclsyntax.Expression) any {
	if e == nil {
		return nil
	}
	if s.mod.steps--; s.mod.steps < 0 || s.depth > maxDepth {
		s.mod.exhausted = s.mod.exhausted || s.mod.steps < 0
		return s.unknown(e)
	}
	s.depth++
	defer func() { s.depth-- }()
	switch e := e.(type) {
	case *hclsyntax.LiteralValueExpr:
		if v, ok := fromCty(e.Val); ok {
			return v
		}
	case *hclsyntax.ParenthesesExpr:
		return s.eval(e.Expression)
	case *hclsyntax.TemplateExpr:
		return s.template(e.Parts)
	case *hclsyntax.TemplateWrapExpr:
		return s.eval(e.Wrapped)
	case *hclsyntax.TemplateJoinExpr:
		if list, ok := s.eval(e.Tuple).([]any); ok {
			return s.joined(list, "", e)
		}
	case *hclsyntax.ScopeTraversalExpr:
		return s.traversal(e)
	case *hclsyntax.RelativeTraversalExpr:
		return s.steps(s.eval(e.Source), e.Traversal, e)
	case *hclsyntax.FunctionCallExpr:
		return s.call(e)
	case *hclsyntax.ConditionalExpr:
		return s.conditional(e)
	case *hclsyntax.BinaryOpExpr:
		return s.binary(e)
	case *hclsyntax.UnaryOpExpr:
		return s.operate(e.Op, e, s.eval(e.Val))
	case *hclsyntax.TupleConsExpr:
		list := make([]any, 0, len(e.Exprs))
		for _, x := range e.Exprs {
			list = append(list, s.eval(x))
		}
		return list
	case *hclsyntax.ObjectConsExpr:
		return s.object(e)
	case *hclsyntax.ObjectConsKeyExpr:
		return s.key(e)
	case *hclsyntax.IndexExpr:
		return s.index(s.eval(e.Collection), s.eval(e.Key), e)
	case *hclsyntax.SplatExpr:
		return s.splat(e)
	case *hclsyntax.AnonSymbolExpr:
		if v, ok := s.anon[e]; ok {
			return v
		}
	case *hclsyntax.ForExpr:
		return s.loop(e)
	}
	return s.unknown(e)
}

// template puts the parts of a string together.
func (s *scope) template(parts []hclsyntax.Expression) any {
	var b strings.Builder
	partial := false
	for _, p := range parts {
		v := s.eval(p)
		t, isText, ok := render(v)
		if !ok || b.Len()+len(t) > maxText {
			t, isText = "${"+s.source(p)+"}", true
		}
		if b.Len()+len(t) > maxText {
			s.mod.tooLarge(s.src, p.Range())
			break
		}
		partial = partial || isText
		b.WriteString(t)
	}
	if partial {
		return text(b.String())
	}
	return b.String()
}

// joined puts rendered elements together.
func (s *scope) joined(list []any, sep string, e hclsyntax.Expression) any {
	var b strings.Builder
	partial := false
	for i, v := range list {
		t, isText, ok := render(v)
		if !ok || b.Len()+len(t) > maxText {
			return s.unknown(e)
		}
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(t)
		partial = partial || isText
	}
	if partial {
		return text(b.String())
	}
	return b.String()
}

// traversal resolves var.x.y, local.x, each.value and names of loops; addresses of resources stay text.
func (s *scope) traversal(e *hclsyntax.ScopeTraversalExpr) any {
	root := e.Traversal.RootName()
	if v, ok := s.bound(root); ok {
		return s.steps(v, e.Traversal[1:], e)
	}
	if (root != "var" && root != "local") || len(e.Traversal) < 2 || s.inTemplate {
		return s.unknown(e)
	}
	attr, ok := e.Traversal[1].(hcl.TraverseAttr)
	if !ok {
		return s.unknown(e)
	}
	var v any
	if root == "var" {
		v, ok = s.mod.variable(s.src, attr.Name)
	} else {
		v, ok = s.mod.local(s.src, attr.Name)
	}
	if !ok {
		return s.fail(e)
	}
	return s.steps(v, e.Traversal[2:], e)
}

func (s *scope) conditional(e *hclsyntax.ConditionalExpr) any {
	c, ok := boolean(s.eval(e.Condition))
	switch {
	case ok && c:
		return s.eval(e.TrueResult)
	case ok:
		return s.eval(e.FalseResult)
	}
	yes, no := s.eval(e.TrueResult), s.eval(e.FalseResult)
	if size(yes, 100) < 100 && same(yes, no) {
		return yes
	}
	return s.unknown(e)
}

func (s *scope) binary(e *hclsyntax.BinaryOpExpr) any {
	l := s.eval(e.LHS)
	switch e.Op {
	case hclsyntax.OpLogicalAnd, hclsyntax.OpLogicalOr:
		decisive := e.Op == hclsyntax.OpLogicalOr
		lb, lok := boolean(l)
		if lok && lb == decisive {
			return decisive
		}
		rb, rok := boolean(s.eval(e.RHS))
		switch {
		case rok && rb == decisive:
			return decisive
		case lok && rok:
			return !decisive
		}
		return s.unknown(e)
	case hclsyntax.OpEqual, hclsyntax.OpNotEqual:
		r := s.eval(e.RHS)
		if !s.fits(l) || !s.fits(r) {
			return s.unknown(e)
		}
		if known(l) && known(r) {
			return same(l, r) == (e.Op == hclsyntax.OpEqual)
		}
		return s.unknown(e)
	}
	return s.operate(e.Op, e, l, s.eval(e.RHS))
}

// operate computes with known numbers and booleans.
func (s *scope) operate(op *hclsyntax.Operation, e hclsyntax.Expression, operands ...any) any {
	args := make([]cty.Value, len(operands))
	for i, v := range operands {
		if _, isText := v.(text); isText {
			return s.unknown(e)
		}
		c, err := convert.Convert(toCty(v), op.Impl.Params()[i].Type)
		if err != nil || c.IsNull() {
			return s.fail(e)
		}
		args[i] = c
	}
	r, err := op.Impl.Call(args)
	if err != nil {
		return s.fail(e)
	}
	if v, ok := fromCty(r); ok {
		return v
	}
	return s.unknown(e)
}

// fits says whether a value is small enough to be handed on as a whole.
func (s *scope) fits(v any) bool { return size(v, maxValueNodes) <= maxValueNodes }
