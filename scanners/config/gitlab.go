// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Bounds of GitLab files; the first two are GitLab's own.
const (
	maxReferences   = 10  // !reference in what a !reference stands for
	maxIncludes     = 150 // files that one includes, through all levels
	maxScriptNest   = 10  // lists in lists of script lines
	maxGitLabExtend = 20  // levels of extends; GitLab has 11
)

// referenceKey marks a !reference tag in decoded values: {"!reference": ["job", "key"]}.
const referenceKey = "!reference"

// parseGitLab makes an item of a GitLab CI file. Files of the tree that it includes count for what its jobs extend and refer to.
func parseGitLab(f file, other func(path string) (file, bool), lim limits) ([]Item, []Problem, error) {
	own, problems, err := readGitLab(f, lim)
	if err != nil || own == nil {
		return nil, problems, err
	}
	g := &gitlab{file: f, other: other, lim: lim, seen: map[string]bool{f.path: true}, problems: problems}
	merged, err := g.include(*own, 0)
	if err != nil {
		return nil, nil, err
	}
	g.files = append([]gitlabSource{*own}, g.files...)
	resolved, err := g.resolve(merged, merged, 0, 0)
	if err != nil {
		return nil, nil, err
	}
	g.config = asObject(resolved)
	places := lineage{doc: own.doc, of: map[string][]ancestor{}}
	object := asObject(own.doc.value)
	jobs := []any{}
	for _, name := range sortedKeys(object) {
		if written, ok := object[name].(map[string]any); ok && !isKeyword(name) {
			job, err := g.job(name, written)
			if err != nil {
				return nil, nil, err
			}
			jobs = append(jobs, job)
			places.of[name] = g.ancestors(name)
		}
	}
	doc := map[string]any{"object": object, "jobs": jobs, "includes": includes(object)}
	return []Item{{Kind: GitLab, File: f.path, Resource: f.path, Doc: doc, locate: places}}, g.problems, nil
}

// gitlabSource is one file: the one that is judged, or one that it includes.
type gitlabSource struct {
	path string
	doc  yamlDocument
}

// gitlab is one file with what it includes.
type gitlab struct {
	file     file
	other    func(path string) (file, bool)
	lim      limits
	files    []gitlabSource // its own, then those that are included, the later before the earlier
	seen     map[string]bool
	config   map[string]any // all files merged, references put in
	used     int            // values made by references and extends
	problems []Problem
}

// isKeyword says whether a name at the top is not that of a job.
func isKeyword(name string) bool {
	return slices.Contains([]string{"default", "include", "stages", "types", "variables", "workflow", "image", "services", "cache", "before_script",
		"after_script", "spec"}, name)
}

// readGitLab reads the configuration of a file: its only document, or the one after the header with inputs.
func readGitLab(f file, lim limits) (*gitlabSource, []Problem, error) {
	docs, problems, err := readYAML(f, yaml12, lim)
	if err != nil {
		return nil, nil, err
	}
	marked := false
	for _, d := range docs {
		marked = markReferences(d.root, 0) || marked
	}
	if marked {
		if _, err := decodeAll(f, docs, yaml12, lim); err != nil {
			return nil, nil, err
		}
	}
	docs, notMappings := mappings(f, "a gitlab file", docs)
	problems = append(problems, notMappings...)
	if len(docs) > 1 && docs[0].field("spec") != nil {
		docs = docs[1:]
	}
	if len(docs) == 0 {
		return nil, problems, nil
	}
	return &gitlabSource{f.path, docs[0]}, problems, nil
}

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

// job is a job as GitLab would run it.
func (g *gitlab) job(name string, written map[string]any) (map[string]any, error) {
	spec := g.extended(name, map[string]bool{}, 0)
	for k, v := range g.defaults(spec) {
		if _, there := spec[k]; !there {
			spec[k] = v
		}
	}
	script := []any{}
	for _, key := range []string{"before_script", "script", "after_script"} {
		at := []any{name, key}
		script = append(script, scriptLines(spec[key], at, 0)...)
		if l, ok := spec[key].([]any); ok {
			spec[key] = flatLines(l, 0)
		}
	}
	if g.used += size(spec, g.lim.nodes); g.used > g.lim.nodes {
		return nil, fmt.Errorf("%w: %q has more than %d values when what jobs extend is put in", ErrLimit, g.file.path, g.lim.nodes)
	}
	return map[string]any{"name": name, "path": []any{name}, "spec": spec, "script": script, "hidden": strings.HasPrefix(name, ".")}, nil
}

// parents are the names that a job extends.
func parents(job map[string]any) []string {
	if one, ok := job["extends"].(string); ok {
		return []string{one}
	}
	var out []string
	for _, p := range asList(job["extends"]) {
		out = append(out, asText(p))
	}
	return out
}

// extended is a copy of a job over what it extends; of several parents the later wins.
func (g *gitlab) extended(name string, open map[string]bool, depth int) map[string]any {
	own, _ := g.config[name].(map[string]any)
	if open[name] || depth > maxGitLabExtend || g.used > g.lim.nodes {
		return map[string]any{}
	}
	open[name] = true
	defer delete(open, name)
	out := map[string]any{}
	for _, p := range parents(own) {
		g.used++
		out = overlay(out, g.extended(p, open, depth+1), 0)
	}
	return overlay(out, own, 0)
}

// defaults are what a job has from `default:` and, in the older form, from the top of the file.
func (g *gitlab) defaults(job map[string]any) map[string]any {
	out := map[string]any{}
	inherit := asObject(job["inherit"])["default"]
	only, limited := inherit.([]any)
	if inherit == false {
		return out
	}
	take := func(from map[string]any, names ...string) {
		for _, n := range names {
			v, there := from[n]
			wanted := !limited || slices.Contains(only, any(n))
			if _, set := out[n]; there && !set && wanted && (job["trigger"] == nil || n == "interruptible") {
				out[n] = v
			}
		}
	}
	take(asObject(g.config["default"]), "after_script", "artifacts", "before_script", "cache", "hooks", "id_tokens", "identity", "image",
		"interruptible", "retry", "services", "tags", "timeout")
	take(g.config, "image", "services", "cache", "before_script", "after_script")
	return out
}

// scriptLines are the lines of a script, with the place of each: of what a reference stands for it is that of the reference.
func scriptLines(v any, at []any, depth int) []any {
	switch v := v.(type) {
	case string:
		return []any{map[string]any{"text": v, "path": at}}
	case []any:
		out := []any{}
		for i, e := range v {
			if depth < maxScriptNest {
				out = append(out, scriptLines(e, append(at[:len(at):len(at)], i), depth+1)...)
			}
		}
		return out
	}
	return nil
}

// flatLines is a script as one list.
func flatLines(v []any, depth int) []any {
	out := []any{}
	for _, e := range v {
		if l, ok := e.([]any); ok && depth < maxScriptNest {
			out = append(out, flatLines(l, depth+1)...)
		} else {
			out = append(out, e)
		}
	}
	return out
}

// ancestors are the places where a job's values may be: the job itself in each file, what it extends, the defaults.
func (g *gitlab) ancestors(name string) []ancestor {
	var out []ancestor
	add := func(path ...any) {
		for _, src := range g.files {
			if len(out) < maxAncestors && (len(path) == 0 || src.doc.matched(path) == len(path)) {
				out = append(out, ancestor{file: src.path, doc: src.doc, path: path})
			}
		}
	}
	seen := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] || len(out) >= maxAncestors {
			return
		}
		seen[name] = true
		add(name)
		p := parents(asObject(g.config[name]))
		for _, parent := range slices.Backward(p) {
			visit(parent)
		}
	}
	visit(name)
	add("default")
	add()
	return out
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
