// SPDX-License-Identifier: Apache-2.0

package config

import (
	"strings"

	"go.yaml.in/yaml/v3"
)

// positionIn is the place of the value at the path, or of the deepest part of the path that is there: where a scalar is written, or where the key
// of a mapping or list is.
func positionIn(root *yaml.Node, path []any) Position {
	n, at := root, root
	for _, step := range path {
		key, value := child(n, step, 0)
		if value == nil {
			break
		}
		n, at = value, value
		if key != nil && !isScalar(value) {
			at = key
		}
	}
	return Position{Line: at.Line, Column: at.Column, EndLine: max(at.Line, lastLine(n))}
}

func isScalar(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode || n.Kind == yaml.AliasNode }

// child is one step down, through aliases and merge keys.
func child(n *yaml.Node, step any, hops int) (key, value *yaml.Node) {
	for n != nil && n.Kind == yaml.AliasNode {
		if hops++; hops > maxDepth {
			return nil, nil
		}
		n = n.Alias
	}
	if n == nil {
		return nil, nil
	}
	switch step := step.(type) {
	case int:
		if n.Kind == yaml.SequenceNode && step >= 0 && step < len(n.Content) {
			return nil, n.Content[step]
		}
	case string:
		if n.Kind == yaml.MappingNode {
			return member(n, step, hops)
		}
	}
	return nil, nil
}

// member is the last value of a key, or what is merged in under it.
func member(n *yaml.Node, name string, hops int) (key, value *yaml.Node) {
	for i := len(n.Content) - 2; i >= 0; i -= 2 {
		k := n.Content[i]
		if isMerge(k) {
			continue
		}
		for _, s := range []schema{yaml12, yaml11} {
			if text, ok := keyText(k, s); ok && text == name {
				return k, n.Content[i+1]
			}
		}
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !isMerge(n.Content[i]) || hops > maxDepth {
			continue
		}
		from := []*yaml.Node{n.Content[i+1]}
		if from[0].Kind == yaml.SequenceNode {
			from = from[0].Content
		}
		for _, f := range from {
			if k, v := child(f, name, hops+1); v != nil {
				return k, v
			}
		}
	}
	return nil, nil
}

// lastLine is where a value ends, as far as nodes tell.
func lastLine(n *yaml.Node) int {
	last := n.Line
	switch n.Kind {
	case yaml.ScalarNode:
		lines := strings.Count(n.Value, "\n")
		if n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
			if !strings.HasSuffix(n.Value, "\n") {
				lines++
			}
			last += lines
		}
	case yaml.MappingNode, yaml.SequenceNode, yaml.DocumentNode:
		for _, c := range n.Content {
			last = max(last, lastLine(c))
		}
	}
	return last
}

// field is the value of a key at the top of a document, or nil.
func (d yamlDocument) field(name string) *yaml.Node {
	_, v := child(d.root, name, 0)
	for hops := 0; v != nil && v.Kind == yaml.AliasNode && hops < maxDepth; hops++ {
		v = v.Alias
	}
	return v
}

// text is the string at the top of a document under a key, or "".
func (d yamlDocument) text(name string) string {
	if v := d.field(name); v != nil && v.Kind == yaml.ScalarNode {
		return v.Value
	}
	return ""
}
