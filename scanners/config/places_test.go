// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// Places give for each path what the nodes of the document give, whether something is there or not.
func TestPlaces(t *testing.T) {
	for _, text := range []string{
		"a: 1\nb:\n  - x\n  - {c: d, e: [f, g]}\n  -\n    h: |\n      one\n      two\n",
		"base: &b\n  k: 1\n  l:\n    m: 2\nmore: &m {n: 3, k: 4}\nuse:\n  <<: *b\n  n: 5\nuses:\n  <<: [*b, *m]\n  o: *b\nalias: *m\n",
		"on: 1\nyes: 2\n0x10: 3\n1.0: 4\n~: 5\n? [a, b]\n: 6\n\"on\": 7\nk: 1\nk: 2\n",
		"loop: &l\n  - *l\n  - a: *l\n",
		"text: >\n  folded\n  more\n\nlast: 'a\n  b'\n",
		"[]", "x", "- - - a\n    - b\n",
		`{"json": {"a": [1, {"b": null}]}}`,
		"a: &x\n  <<: *x\n  b: 1\nc: *x\n",
	} {
		docs, parts := parseYAML(file{path: "f.yaml", data: []byte(text)})
		if len(docs) == 0 {
			t.Fatalf("%q: %v", text, parts)
		}
		for _, d := range docs {
			p := placesOf(d.root)
			for _, path := range pathsOf(d.root, 0) {
				if got, want := p.position(path), positionIn(d.root, path); got != want {
					t.Errorf("%q at %v: %+v, want %+v", text, path, got, want)
				}
			}
		}
	}
}

// pathsOf are paths into a document, and some that lead nowhere.
func pathsOf(n *yaml.Node, depth int) [][]any {
	out := [][]any{{}, {"absent"}, {0}, {99}, {-1}}
	if depth > 4 {
		return out
	}
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	below := func(step any, v *yaml.Node) {
		for _, p := range pathsOf(v, depth+1) {
			out = append(out, append([]any{step}, p...))
		}
	}
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			below(i, c)
		case i%2 == 0:
			below(c.Value, n.Content[i+1])
			for _, s := range []schema{yaml11, yaml12} {
				if text, ok := keyText(c, s); ok {
					below(text, n.Content[i+1])
				}
			}
			if isMerge(c) {
				out = append(out, pathsOf(n.Content[i+1], depth+1)...)
				out = append(out, []any{"k"}, []any{"l", "m"}, []any{"n"})
			}
		}
	}
	return out
}

// An anchor that is meant often is placed once.
func TestPlaces_Anchors(t *testing.T) {
	var b strings.Builder
	b.WriteString("a0: &a0 [x, x]\n")
	for i := 1; i < 30; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [*a%d, *a%d]\n", i, i, i-1, i-1)
	}
	docs, _ := parseYAML(file{path: "f.yaml", data: []byte(b.String())})
	if p := placesOf(docs[0].root); len(p.values) > 200 {
		t.Errorf("%d places", len(p.values))
	}
}
