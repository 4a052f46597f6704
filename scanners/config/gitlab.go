// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strings"
)

// Bounds of GitLab files; the first two are GitLab's own.
const (
	maxReferences   = 10  // !reference in what a !reference stands for
	maxIncludes     = 150 // files that one includes, through all levels
	maxScriptNest   = 10  // lists in lists of script lines
	maxGitLabExtend = 20  // levels of extends; GitLab has 11
)

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
		if _, ok := object[name].(map[string]any); ok && !isKeyword(name) {
			job, err := g.job(name)
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

// job is a job as GitLab would run it.
func (g *gitlab) job(name string) (map[string]any, error) {
	spec := g.extended(name, map[string]bool{}, 0)
	for k, v := range g.defaults(spec) {
		if _, there := spec[k]; !there {
			spec[k] = v
		}
	}
	hook := "pre_get_sources_script"
	script := scriptLines(asObject(spec["hooks"])[hook], []any{name, "hooks", hook}, 0)
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
	return map[string]any{"name": name, "path": []any{name}, "spec": spec, "script": append([]any{}, script...), "hidden": strings.HasPrefix(name, ".")}, nil
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
