// SPDX-License-Identifier: Apache-2.0

package config

import (
	"unique"

	"go.yaml.in/yaml/v3"
)

// places is where the values of a document are: what position asks of its nodes, in a tenth of their memory. Values are numbered, the root is 0; an
// anchor is there once, however often it is meant.
type places struct {
	values []placed
	keys   []placedKey // of mappings, side by side
	items  []int32     // of lists, likewise
}

// placed is one value: a scalar, a list or mapping with its share of items or keys, or an alias of the value first.
type placed struct {
	line, column, end int32
	kind              yaml.Kind
	first, n          int32
}

// placedKey is a key of a mapping, by what it reads in Kubernetes' schema and in the core schema where that differs.
type placedKey struct {
	text         unique.Handle[string]
	other        unique.Handle[string]
	line, column int32
	value        int32
	merge        bool
	unnamed      bool // no text, so that no path leads to it
}

// placesOf makes the places of a document.
func placesOf(root *yaml.Node) *places {
	p := &places{}
	p.add(root, map[*yaml.Node]int32{})
	return p
}

// add places a value and what is below it, and gives its number.
func (p *places) add(n *yaml.Node, seen map[*yaml.Node]int32) int32 {
	if at, ok := seen[n]; ok {
		return at
	}
	at := int32(len(p.values))
	if n.Anchor != "" { // only these can be meant again
		seen[n] = at
	}
	p.values = append(p.values, placed{line: int32(n.Line), column: int32(n.Column), kind: n.Kind, n: -1})
	end, first, count := int32(lastLine(scalarOnly(n))), int32(0), int32(0)
	switch n.Kind {
	case yaml.AliasNode:
		if n.Alias != nil {
			first, count = p.add(n.Alias, seen), 1
		}
	case yaml.SequenceNode:
		below := make([]int32, 0, len(n.Content))
		for _, c := range n.Content {
			below = append(below, p.add(c, seen))
			end = max(end, p.values[below[len(below)-1]].end)
		}
		first, count = int32(len(p.items)), int32(len(below))
		p.items = append(p.items, below...)
	case yaml.MappingNode:
		below := make([]placedKey, 0, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			k := newKey(n.Content[i])
			k.value = p.add(n.Content[i+1], seen)
			below = append(below, k)
			end = max(end, int32(lastLine(n.Content[i])), p.values[k.value].end)
		}
		first, count = int32(len(p.keys)), int32(len(below))
		p.keys = append(p.keys, below...)
	case yaml.DocumentNode, yaml.ScalarNode:
	}
	v := &p.values[at]
	v.end, v.first, v.n = end, first, count
	return at
}

// scalarOnly is a value without what is below it.
func scalarOnly(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.ScalarNode {
		return n
	}
	return &yaml.Node{Line: n.Line}
}

func newKey(n *yaml.Node) placedKey {
	k := placedKey{line: int32(n.Line), column: int32(n.Column), merge: isMerge(n)}
	core, ok := keyText(n, yaml12)
	old, ok2 := keyText(n, yaml11)
	if !ok {
		core = old
	}
	if !ok2 {
		old = core
	}
	k.text, k.other, k.unnamed = unique.Make(core), unique.Make(old), !ok && !ok2
	return k
}

// position is what positionIn gives.
func (p *places) position(path []any) Position {
	n, line, column := int32(0), p.values[0].line, p.values[0].column
	for _, step := range path {
		key, value := p.child(n, step, 0)
		if value < 0 {
			break
		}
		v := p.values[value]
		n, line, column = value, v.line, v.column
		if key >= 0 && v.kind != yaml.ScalarNode && v.kind != yaml.AliasNode {
			line, column = p.keys[key].line, p.keys[key].column
		}
	}
	return Position{Line: int(line), Column: int(column), EndLine: int(max(line, p.values[n].end))}
}

// child is one step down, through aliases and merge keys: the numbers of the key, if there is one, and of the value; less than 0 if there is none.
func (p *places) child(n int32, step any, hops int) (key, value int32) {
	for p.values[n].kind == yaml.AliasNode {
		if hops++; hops > maxDepth || p.values[n].n != 1 {
			return -1, -1
		}
		n = p.values[n].first
	}
	v := p.values[n]
	switch step := step.(type) {
	case int:
		if v.kind == yaml.SequenceNode && step >= 0 && step < int(v.n) {
			return -1, p.items[int(v.first)+step]
		}
	case string:
		if v.kind == yaml.MappingNode {
			return p.member(v, step, hops)
		}
	}
	return -1, -1
}

// member is the last value of a key, or what is merged in under it.
func (p *places) member(v placed, name string, hops int) (key, value int32) {
	for i := v.first + v.n - 1; i >= v.first; i-- {
		if k := p.keys[i]; !k.merge && !k.unnamed && (k.text.Value() == name || k.other.Value() == name) {
			return i, k.value
		}
	}
	for i := v.first; i < v.first+v.n && hops <= maxDepth; i++ {
		if !p.keys[i].merge {
			continue
		}
		from := []int32{p.keys[i].value}
		if m := p.values[from[0]]; m.kind == yaml.SequenceNode {
			from = p.items[m.first : m.first+m.n]
		}
		for _, f := range from {
			if k, found := p.child(f, name, hops+1); found >= 0 {
				return k, found
			}
		}
	}
	return -1, -1
}
