// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxDynamic is how many blocks a dynamic block with a known collection becomes.
const maxDynamic = 100

// tfBlock is an evaluated block.
type tfBlock struct {
	values map[string]any
	place  *place
	refs   map[string]bool
}

// block evaluates a body: attributes by name, nested blocks as lists of objects. Attributes that are null count as left out.
func (s *scope) block(body *hclsyntax.Body, pos Position, refs map[string]bool, raw ...string) tfBlock {
	out := tfBlock{values: map[string]any{}, place: &place{pos: pos, names: map[string]*place{}}, refs: refs}
	for _, name := range sortedKeys(body.Attributes) {
		a := body.Attributes[name]
		s.references(a.Expr, refs)
		out.place.names[name] = placeOf(a.Expr, 0)
		if slices.Contains(raw, name) {
			out.values[name] = s.source(a.Expr)
			continue
		}
		v := s.eval(a.Expr)
		if v == nil {
			continue
		}
		if !s.fits(v) {
			s.mod.tooLarge(s.src, a.SrcRange)
			v = s.unknown(a.Expr)
		}
		out.values[name] = v
		s.heredoc(a.Expr, v, out.place.names[name])
	}
	for _, b := range body.Blocks {
		name := b.Type
		var list []tfBlock
		if name == "dynamic" && len(b.Labels) == 1 {
			name = b.Labels[0]
			list = s.dynamic(b, name, refs)
		} else {
			list = []tfBlock{s.nested(b, refs)}
		}
		for _, one := range list {
			have, _ := out.values[name].([]any)
			out.values[name] = append(have, one.values)
			p := out.place.names[name]
			if p == nil {
				p = &place{pos: one.place.pos}
				out.place.names[name] = p
			}
			p.list = append(p.list, one.place)
		}
	}
	return out
}

// nested is a block in a block. Its label, as in backend "s3" or provisioner "local-exec", is its type.
func (s *scope) nested(b *hclsyntax.Block, refs map[string]bool) tfBlock {
	if s.depth++; s.depth > maxDepth {
		return tfBlock{values: map[string]any{}, place: &place{pos: blockPosition(b)}}
	}
	defer func() { s.depth-- }()
	one := s.block(b.Body, blockPosition(b), refs)
	if _, there := one.values["type"]; !there && len(b.Labels) > 0 {
		one.values["type"] = strings.Join(b.Labels, ".")
	}
	return one
}

// dynamic expands a dynamic block: one block for each element that is known, one for all where the collection is not.
func (s *scope) dynamic(b *hclsyntax.Block, name string, refs map[string]bool) []tfBlock {
	content := slices.IndexFunc(b.Body.Blocks, func(c *hclsyntax.Block) bool { return c.Type == "content" })
	if content < 0 {
		return nil
	}
	iterator := name
	var over any = text("${" + name + "}")
	if a := b.Body.Attributes["iterator"]; a != nil {
		if word := hcl.ExprAsKeyword(a.Expr); word != "" {
			iterator = word
		}
	}
	if a := b.Body.Attributes["for_each"]; a != nil {
		over = s.eval(a.Expr)
		s.references(a.Expr, refs)
	}
	keys, values, ok := elements(over)
	if !ok {
		keys, values = []any{text("${" + iterator + ".key}")}, []any{text("${" + iterator + ".value}")}
	}
	var out []tfBlock
	for i := range keys {
		if i == maxDynamic {
			s.mod.tooLarge(s.src, b.DefRange())
			break
		}
		k := keys[i]
		if _, isIndex := k.(int); isIndex && known(values[i]) && !isObject(values[i]) {
			k = values[i] // of a set; of a list it would be the index, which nobody uses in a block
		}
		in := s.with(iterator, map[string]any{"key": k, "value": values[i]})
		one := in.nested(b.Body.Blocks[content], refs)
		one.place.pos = blockPosition(b)
		out = append(out, one)
	}
	return out
}

func isObject(v any) bool { _, ok := v.(map[string]any); return ok }

// references adds the addresses that an expression names.
func (s *scope) references(e hclsyntax.Expression, refs map[string]bool) {
	for _, t := range hclsyntax.Variables(e) {
		root := t.RootName()
		if _, bound := s.bound(root); bound {
			continue
		}
		parts := 2
		switch root {
		case "each", "count", "self", "path", "terraform":
			continue
		case "data":
			parts = 3
		}
		address := root
		for _, step := range t[1:min(len(t), parts)] {
			if attr, ok := step.(hcl.TraverseAttr); ok {
				address += "." + attr.Name
			}
		}
		if strings.Count(address, ".") == parts-1 {
			refs[address] = true
		}
	}
}

// maxInstances is how many instances of a block are evaluated; of more than these it is what they have in common.
const maxInstances = 64

// repeat gives the scopes in which a block with count or for_each is evaluated: one for each instance if they may differ, and one for what all of them
// have in common, which is nil if there is no instance.
func (s *scope) repeat(body *hclsyntax.Body) (each []*scope, all *scope) {
	if a := body.Attributes["count"]; a != nil {
		n, ok := integer(s.eval(a.Expr))
		var index any = text("${count.index}")
		switch {
		case ok && n <= 0:
			return nil, nil
		case ok && n == 1:
			index = 0
		case ok && n <= maxInstances && s.mentions(body, "count.index"):
			for i := range n {
				each = append(each, s.with("count", map[string]any{"index": i}))
			}
		}
		return each, s.with("count", map[string]any{"index": index})
	}
	a := body.Attributes["for_each"]
	if a == nil {
		return nil, s
	}
	over := s.eval(a.Expr)
	keys, values, ok := elements(over)
	if ok && len(keys) == 0 {
		return nil, nil
	}
	if _, isList := over.([]any); isList {
		keys = values // of a set
	}
	if len(keys) > 1 && len(keys) <= maxInstances && s.mentions(body, "each.") {
		for i := range keys {
			each = append(each, s.with("each", map[string]any{"key": keys[i], "value": values[i]}))
		}
	}
	return each, s.with("each", map[string]any{"key": common(keys, "each.key"), "value": common(values, "each.value")})
}

// mentions says whether a word may stand in a block.
func (s *scope) mentions(body *hclsyntax.Body, word string) bool {
	r := body.SrcRange
	if r.Start.Byte < 0 || r.End.Byte > len(s.src.text) || r.Start.Byte >= r.End.Byte {
		return true
	}
	return bytes.Contains(s.src.text[r.Start.Byte:r.End.Byte], []byte(word))
}

// common is what all values have in common; the rest is text.
func common(values []any, name string) any {
	unknown := text("${" + name + "}")
	if len(values) == 0 {
		return unknown
	}
	first, ok := values[0].(map[string]any)
	if ok && len(values) > 1 {
		out := make(map[string]any, len(first))
		for k := range first {
			column := make([]any, 0, len(values))
			for _, v := range values {
				object, _ := v.(map[string]any)
				if e, there := object[k]; there {
					column = append(column, e)
				}
			}
			if len(column) == len(values) {
				out[k] = common(column, name+"."+k)
			}
		}
		return out
	}
	for _, v := range values[1:] {
		if size(v, 1000) >= 1000 || !same(v, values[0]) {
			return unknown
		}
	}
	return values[0]
}
