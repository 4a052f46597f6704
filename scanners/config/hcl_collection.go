// SPDX-License-Identifier: Apache-2.0

package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// steps goes down into a value. Below a reference that is not known the reference grows.
func (s *scope) steps(v any, t hcl.Traversal, e hclsyntax.Expression) any {
	for i, step := range t {
		if ref, ok := v.(text); ok {
			inner, ok := whole(ref)
			if !ok {
				return s.unknown(e)
			}
			for _, rest := range t[i:] {
				inner += stepText(rest)
			}
			return text("${" + inner + "}")
		}
		switch step := step.(type) {
		case hcl.TraverseAttr:
			v = s.index(v, step.Name, e)
		case hcl.TraverseIndex:
			k, ok := fromCty(step.Key)
			if !ok {
				return s.unknown(e)
			}
			v = s.index(v, k, e)
		default:
			return s.unknown(e)
		}
	}
	return v
}

func stepText(step hcl.Traverser) string {
	switch step := step.(type) {
	case hcl.TraverseAttr:
		return "." + step.Name
	case hcl.TraverseIndex:
		if k, ok := fromCty(step.Key); ok {
			if t, _, ok := render(k); ok {
				if step.Key.Type() == cty.String {
					t = `"` + t + `"`
				}
				return "[" + t + "]"
			}
		}
	}
	return "[*]"
}

// index is one step into a list or an object.
func (s *scope) index(v, key any, e hclsyntax.Expression) any {
	switch v := v.(type) {
	case []any:
		if _, isText := key.(text); isText {
			return s.unknown(e)
		}
		if i, ok := integer(key); ok && i >= 0 && i < len(v) {
			return v[i]
		}
	case map[string]any:
		k, isText, ok := render(key)
		if isText {
			return s.unknown(e)
		}
		if x, there := v[k]; ok && there {
			return x
		}
	case text:
		return s.unknown(e)
	}
	return s.fail(e)
}

func (s *scope) key(e *hclsyntax.ObjectConsKeyExpr) any {
	if !e.ForceNonLiteral {
		if name := hcl.ExprAsKeyword(e.Wrapped); name != "" {
			return name
		}
	}
	return s.eval(e.Wrapped)
}

func (s *scope) object(e *hclsyntax.ObjectConsExpr) any {
	out := make(map[string]any, len(e.Items))
	for _, item := range e.Items {
		k, _, ok := render(s.eval(item.KeyExpr))
		if !ok {
			k = "${" + s.source(item.KeyExpr) + "}"
		}
		out[k] = s.eval(item.ValueExpr)
	}
	return out
}

func (s *scope) splat(e *hclsyntax.SplatExpr) any {
	v := s.eval(e.Source)
	list, isList := v.([]any)
	switch {
	case isList:
	case v == nil:
		return []any{}
	default:
		if _, isText := v.(text); isText {
			return s.unknown(e)
		}
		list = []any{v}
	}
	out := make([]any, 0, len(list))
	for _, x := range list {
		c := *s
		c.anon = map[*hclsyntax.AnonSymbolExpr]any{e.Item: x}
		for k, v := range s.anon {
			if k != e.Item {
				c.anon[k] = v
			}
		}
		out = append(out, c.eval(e.Each))
	}
	return out
}

// loop evaluates a for expression over what is known. An element whose condition is not known is taken in.
func (s *scope) loop(e *hclsyntax.ForExpr) any {
	keys, values, ok := elements(s.eval(e.CollExpr))
	if !ok {
		return s.unknown(e)
	}
	list, object := []any{}, map[string]any{}
	for i := range keys {
		in := s.with(e.ValVar, values[i])
		if e.KeyVar != "" {
			in.names = &binding{e.KeyVar, keys[i], in.names}
		}
		if e.CondExpr != nil {
			if c, ok := boolean(in.eval(e.CondExpr)); ok && !c {
				continue
			}
		}
		if s.mod.exhausted {
			return s.unknown(e)
		}
		v := in.eval(e.ValExpr)
		if e.KeyExpr == nil {
			list = append(list, v)
			continue
		}
		k, _, ok := render(in.eval(e.KeyExpr))
		if !ok {
			return s.fail(e)
		}
		if e.Group {
			group, _ := object[k].([]any)
			v = append(group, v)
		}
		object[k] = v
	}
	if e.KeyExpr == nil {
		return list
	}
	return object
}

// elements are the keys and values of a list or an object, in order.
func elements(v any) (keys, values []any, ok bool) {
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			keys, values = append(keys, i), append(values, e)
		}
		return keys, values, true
	case map[string]any:
		for _, k := range sortedKeys(v) {
			keys, values = append(keys, any(k)), append(values, v[k])
		}
		return keys, values, true
	}
	return nil, nil, false
}
