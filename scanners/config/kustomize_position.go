// SPDX-License-Identifier: Apache-2.0

package config

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
	"sigs.k8s.io/kustomize/api/types"
)

// patchDocument is an object in a patch file.
type patchDocument struct {
	object
	id     objectID
	target *types.Selector
}

// appliesTo reports whether a patch is for an object of the build. One that is not for any is no patch but a manifest that a kustomization names.
func (p patchDocument) appliesTo(o object) bool {
	if p.kind != o.kind {
		return false
	}
	if p.target == nil {
		return strings.Contains(o.name(), p.name())
	}
	return selects(p.target.Kind, o.kind) && selects(p.target.Name, o.name())
}

// selects reports whether an expression of a target is in a text; names may have got prefixes.
func selects(expression, text string) bool {
	e, err := regexp.Compile(expression)
	return err == nil && e.MatchString(text)
}

type patchNode struct {
	file string
	node *yaml.Node
}

// built is the locator of an object that kustomize made: the value is searched where the object was written, and in the patches for it. Elements of
// lists are found by their names, since patches change the order.
type built struct {
	value    map[string]any
	original *yaml.Node
	patches  []patchNode
}

func (b built) position(path []any) Position {
	best, depth, node := b.locate(b.original, path)
	for n := len(b.patches) - 1; n >= 0; n-- {
		p, d, found := b.locate(b.patches[n].node, path)
		p.File = b.patches[n].file
		switch whole := d == len(path); {
		case whole && (node == nil || depth < d || (isScalar(found) && isScalar(node) && found.Value != node.Value)):
			return p // the last patch that sets it
		case d > depth:
			best, depth, node = p, d, found
		}
	}
	return best
}

// locate goes down as far as a document has the path. It gives the place, the steps taken and the node there.
func (b built) locate(root *yaml.Node, path []any) (Position, int, *yaml.Node) {
	if root == nil {
		return Position{Line: 1, Column: 1, EndLine: 1}, 0, nil
	}
	own := make([]any, 0, len(path)) // the path in this document
	n, v := root, any(b.value)
	for _, step := range path {
		var name string
		switch s := step.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[s]
		case int:
			list, _ := v.([]any)
			v = nil
			if s >= 0 && s < len(list) {
				v = list[s]
			}
			if name = textOr(mapping(v)["name"], ""); name != "" {
				step = indexByName(n, name)
			}
		}
		_, next := child(n, step, 0)
		if next == nil {
			break
		}
		own, n = append(own, step), next
	}
	return positionIn(root, own), len(own), n
}

// indexByName is the index of the element that has a name, or -1.
func indexByName(list *yaml.Node, name string) int {
	for list.Kind == yaml.AliasNode {
		list = list.Alias
	}
	for n, e := range list.Content {
		if _, v := child(e, "name", 0); v != nil && v.Value == name {
			return n
		}
	}
	return -1
}

// nodeOf is the node of an object in its file.
func nodeOf(l locator) *yaml.Node {
	switch l := l.(type) {
	case yamlDocument:
		return l.root
	case inside:
		n := nodeOf(l.doc)
		for _, step := range l.base {
			_, n = child(n, step, 0)
		}
		return n
	}
	return nil
}

// scalarWith is the first scalar below a node that has the text in it.
func scalarWith(n *yaml.Node, text string, depth int) *yaml.Node {
	if n == nil || depth > maxDepth {
		return nil
	}
	if n.Kind == yaml.ScalarNode && strings.Contains(n.Value, text) {
		return n
	}
	for _, c := range n.Content {
		if found := scalarWith(c, text, depth+1); found != nil {
			return found
		}
	}
	return nil
}
