// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// referenceKey marks a !reference tag in decoded values: {"!reference": ["job", "key"]}.
const referenceKey = "!reference"

// markReferences turns the lists tagged !reference into mappings that say so, and says whether there are any. Places stay.
func markReferences(n *yaml.Node, depth int) bool {
	if n == nil || depth > maxDepth {
		return false
	}
	found := false
	for _, c := range n.Content {
		found = markReferences(c, depth+1) || found
	}
	if n.Kind != yaml.SequenceNode || n.Tag != referenceKey {
		return found
	}
	inner := *n
	inner.Tag, inner.Anchor = "!!seq", ""
	key := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: referenceKey, Line: n.Line, Column: n.Column}
	n.Kind, n.Tag, n.Content = yaml.MappingNode, "!!map", []*yaml.Node{key, &inner}
	return true
}

// include merges a file over those of the tree that it includes.
func (g *gitlab) include(src gitlabSource, depth int) (map[string]any, error) {
	out := map[string]any{}
	own := asObject(src.doc.value)
	for _, i := range includes(map[string]any{"include": own["include"]}) {
		i := i.(map[string]any)
		if i["kind"] != "local" || g.other == nil || depth > maxIncludes || len(g.seen) > maxIncludes {
			continue
		}
		p := strings.TrimLeft(asText(i["value"]), "/")
		f, ok := g.other(p)
		if !ok || g.seen[f.path] {
			continue
		}
		g.seen[f.path] = true
		// What is wrong with an included file is reported where that file is read.
		in, _, err := readGitLab(f, g.lim)
		if err != nil {
			return nil, err
		}
		if in == nil {
			continue
		}
		from, err := g.include(*in, depth+1)
		if err != nil {
			return nil, err
		}
		g.files = append([]gitlabSource{*in}, g.files...)
		out = overlay(out, from, 0)
	}
	return overlay(out, own, 0), nil
}

// overlay merges mappings deeply; everything else is replaced.
func overlay(base, own map[string]any, depth int) map[string]any {
	out := make(map[string]any, len(base)+len(own))
	for k, v := range base {
		out[k] = v
	}
	for k, v := range own {
		out[k] = v
		b, isBase := base[k].(map[string]any)
		o, isOwn := v.(map[string]any)
		if isBase && isOwn && depth < maxDepth && !isReference(o) && !isReference(b) {
			out[k] = overlay(b, o, depth+1)
		}
	}
	return out
}

func isReference(v any) bool {
	m, ok := v.(map[string]any)
	return ok && len(m) == 1 && m[referenceKey] != nil
}

// resolve puts what references stand for in their place. nested counts references in references.
func (g *gitlab) resolve(v any, root map[string]any, nested, depth int) (any, error) {
	if g.used++; g.used > g.lim.nodes {
		return nil, fmt.Errorf("%w: %q has more than %d values when references are put in", ErrLimit, g.file.path, g.lim.nodes)
	}
	if depth > maxDepth {
		return nil, fmt.Errorf("%w: %q nests deeper than %d when references are put in", ErrLimit, g.file.path, maxDepth)
	}
	switch v := v.(type) {
	case map[string]any:
		if isReference(v) {
			target, ok := referenced(root, asList(v[referenceKey]))
			if !ok || nested >= maxReferences {
				return v, nil
			}
			return g.resolve(target, root, nested+1, depth+1)
		}
		out := make(map[string]any, len(v))
		for k, e := range v {
			r, err := g.resolve(e, root, nested, depth+1)
			if err != nil {
				return nil, err
			}
			out[k] = r
		}
		return out, nil
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			r, err := g.resolve(e, root, nested, depth+1)
			if err != nil {
				return nil, err
			}
			out[i] = r
		}
		return out, nil
	}
	return v, nil
}

// referenced is what a reference names.
func referenced(root any, path []any) (any, bool) {
	for _, step := range path {
		m, ok := root.(map[string]any)
		if !ok {
			return nil, false
		}
		if root, ok = m[asText(step)]; !ok {
			return nil, false
		}
	}
	return root, len(path) > 0
}

// includes are the files that a file includes, in one form for all spellings; those of child pipelines too.
func includes(object map[string]any) []any {
	out := includeEntries(object["include"], []any{"include"})
	for _, name := range sortedKeys(object) {
		if trigger, ok := asObject(object[name])["trigger"].(map[string]any); ok && !isKeyword(name) {
			out = append(out, includeEntries(trigger["include"], []any{name, "trigger", "include"})...)
		}
	}
	return out
}

func includeEntries(v any, at []any) []any {
	out := []any{}
	switch v := v.(type) {
	case string:
		kind := "local"
		if lower := strings.ToLower(v); strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
			kind = "remote"
		}
		out = append(out, map[string]any{"kind": kind, "value": v, "ref": "", "path": at})
	case []any:
		for i, e := range v {
			if len(at) < maxDepth {
				out = append(out, includeEntries(e, append(at[:len(at):len(at)], i))...)
			}
		}
	case map[string]any:
		for _, kind := range []string{"local", "remote", "project", "template", "component", "artifact"} {
			value, ok := v[kind].(string)
			if !ok {
				continue
			}
			ref := asText(v["ref"])
			if kind == "component" {
				_, ref, _ = strings.Cut(value, "@")
			}
			out = append(out, map[string]any{"kind": kind, "value": value, "ref": ref, "path": at})
			break
		}
	}
	return out
}
