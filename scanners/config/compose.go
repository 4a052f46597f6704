// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// maxAncestors is how many services or jobs one may inherit from, through all levels.
const maxAncestors = 100

// ancestor is a place where values of a service or a job may be written.
type ancestor struct {
	file string
	doc  yamlDocument
	path []any
}

// lineage finds values that a service or a job has from another one. of is by the name at path[depth].
type lineage struct {
	doc   yamlDocument
	depth int
	of    map[string][]ancestor
}

// position takes the ancestor in which most of the path is there; the nearest of several.
func (l lineage) position(path []any) Position {
	if len(path) <= l.depth {
		return l.doc.position(path)
	}
	name, _ := path[l.depth].(string)
	rest := path[l.depth+1:]
	best, place := -1, Position{}
	for _, a := range l.of[name] {
		full := append(a.path[:len(a.path):len(a.path)], rest...)
		n := a.doc.matched(full) - len(a.path)
		if n >= 0 && n > best {
			best, place = n, a.doc.position(full)
			place.File = a.file
		}
		if n > 0 && a.doc.replaces(full[:len(a.path)+1]) {
			break // what is further away is not used
		}
	}
	if best < 0 {
		return l.doc.position(path)
	}
	return place
}

// matched is how many steps of a path there are.
func (d yamlDocument) matched(path []any) int {
	n := d.root
	for i, step := range path {
		_, value := child(n, step, 0)
		if value == nil {
			return i
		}
		n = value
	}
	return len(path)
}

// replaces says whether the value at a path stands alone: mappings are merged with those of an ancestor, all else is not.
func (d yamlDocument) replaces(path []any) bool {
	n := d.root
	for _, step := range path {
		_, n = child(n, step, 0)
	}
	for hops := 0; n != nil && n.Kind == yaml.AliasNode && hops < maxDepth; hops++ {
		n = n.Alias
	}
	return !isMapping(n)
}

// mappings reads the documents of a file that must be mappings.
func mappings(f file, what string, docs []yamlDocument) ([]yamlDocument, []Problem) {
	var out []yamlDocument
	var problems []Problem
	for _, d := range docs {
		if _, ok := d.value.(map[string]any); ok {
			out = append(out, d)
			continue
		}
		problems = append(problems, Problem{File: f.path, Line: d.root.Line, Column: d.root.Column, Message: "reading " + what + ": the document is not a mapping"})
	}
	return out, problems[:min(len(problems), maxFileProblems)]
}

// parseCompose makes an item of each document of a Compose file.
func parseCompose(f file, lim limits) ([]Item, []Problem, error) {
	docs, problems, err := readYAML(f, yaml12, lim)
	if err != nil {
		return nil, nil, err
	}
	docs, more := mappings(f, "a compose file", docs)
	problems = append(problems, more...)
	var items []Item
	used := 0
	for _, d := range docs {
		c := composeFileOf(d)
		places := lineage{doc: d, depth: len(c.path), of: map[string][]ancestor{}}
		services := []any{}
		if d.field("services") != nil && c.services == nil {
			at := d.position([]any{"services"})
			problems = append(problems, Problem{File: f.path, Line: at.Line, Column: at.Column, Message: "reading a compose file: services is not a mapping"})
		}
		for _, name := range sortedKeys(c.services) {
			var line []string
			spec := c.service(name, &line)
			for _, s := range line {
				places.of[name] = append(places.of[name], ancestor{doc: d, path: c.at(s)})
			}
			if used += size(spec, lim.nodes); used > lim.nodes {
				return nil, nil, fmt.Errorf("%w: %q has more than %d values when what services extend is put in", ErrLimit, f.path, lim.nodes)
			}
			services = append(services, map[string]any{"name": name, "path": c.at(name), "spec": spec})
		}
		items = append(items, Item{Kind: Compose, File: f.path, Resource: f.path, locate: places,
			Doc: map[string]any{"object": d.value, "services": services}})
	}
	return items, problems, nil
}

// composeServices are the services of a document.
type composeServices struct {
	path     []any // to them
	services map[string]any
}

// composeFileOf finds the services: below services, or at the top as in the first version of the format.
func composeFileOf(d yamlDocument) composeServices {
	object := asObject(d.value)
	if d.field("services") != nil {
		return composeServices{path: []any{"services"}, services: asObject(object["services"])}
	}
	old := map[string]any{}
	for name, v := range object {
		if s := asObject(v); s["image"] != nil || s["build"] != nil {
			old[name] = v
		}
	}
	return composeServices{services: old}
}

func (c composeServices) at(name string) []any { return append(c.path[:len(c.path):len(c.path)], name) }

// service is a service with what it extends in the same file; line gets the names, the nearest first.
func (c composeServices) service(name string, line *[]string) any {
	if slices.Contains(*line, name) || len(*line) >= maxAncestors {
		return nil
	}
	*line = append(*line, name)
	own, ok := c.services[name].(map[string]any)
	if !ok {
		return c.services[name]
	}
	base := asText(own["extends"])
	if e := asObject(own["extends"]); e["file"] == nil && e != nil {
		base = asText(e["service"])
	}
	if base == "" {
		return own
	}
	from, ok := c.service(base, line).(map[string]any)
	if !ok {
		return own
	}
	return extendService(from, own, 0)
}

// listsAdd are the lists that extending adds to; others are replaced.
func listsAdd(name string) bool {
	return slices.Contains([]string{"ports", "expose", "external_links", "dns", "dns_search", "tmpfs", "volumes", "devices", "cap_add", "cap_drop",
		"security_opt", "env_file", "group_add", "extra_hosts", "environment", "labels", "secrets", "configs", "networks", "depends_on"}, name)
}

// extendService puts a service's own settings over those it extends. Its own elements of lists come first, so that their indexes hold.
func extendService(base, own map[string]any, depth int) map[string]any {
	out := make(map[string]any, len(base)+len(own))
	for k, v := range base {
		out[k] = v
	}
	for k, v := range own {
		from, there := out[k]
		out[k] = v
		switch v := v.(type) {
		case map[string]any:
			if b, ok := from.(map[string]any); ok && depth < maxDepth {
				out[k] = extendService(b, v, depth+1)
			}
		case []any:
			if b, ok := from.([]any); there && ok && depth == 0 && listsAdd(k) {
				out[k] = addEntries(v, b)
			}
		}
	}
	return out
}

// addEntries adds the entries of a list that the first does not set itself.
func addEntries(own, base []any) []any {
	set := map[string]bool{}
	key := func(v any) string {
		name, _, _ := strings.Cut(asText(v), "=")
		return name
	}
	for _, v := range own {
		set[key(v)] = true
	}
	out := slices.Clone(own)
	for _, v := range base {
		if k := key(v); k == "" || !set[k] {
			out = append(out, v)
		}
	}
	return out
}
