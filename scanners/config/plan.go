// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"strings"
)

// planPlace finds values below a resource of a plan.
type planPlace struct {
	doc    yamlDocument
	path   []any          // to the values
	values map[string]any // to know an attribute that is called "values"
}

func (p planPlace) position(path []any) Position {
	if len(path) > 0 && path[0] == "values" {
		if _, there := p.values["values"]; !there {
			path = path[1:]
		}
	}
	return p.doc.position(append(p.path[:len(p.path):len(p.path)], path...))
}

// plan is what is read from the JSON of `terraform show -json`.
type plan struct {
	file    string
	doc     yamlDocument
	changes map[string]map[string]any // by address
	items   []Item
}

// parsePlan makes an item of each resource that is there after the plan was applied. What is known only then is the text of the reference it comes
// from, if the configuration in the plan sets it, and is left out if the provider makes it up.
func parsePlan(f file, lim limits) ([]Item, []Problem, error) {
	if p := guardJSON(f, lim.depth); p != nil {
		return nil, []Problem{*p}, nil
	}
	docs, problems, err := readYAML(f, yaml12, lim)
	if err != nil || len(docs) == 0 {
		return nil, problems, err
	}
	root, ok := docs[0].value.(map[string]any)
	if !ok {
		return nil, append(problems, Problem{File: f.path, Line: 1, Column: 1, Message: "reading a terraform plan: not an object"}), nil
	}
	p := &plan{file: f.path, doc: docs[0], changes: map[string]map[string]any{}}
	changes := asList(root["resource_changes"])
	for _, c := range changes {
		if c, ok := c.(map[string]any); ok {
			p.changes[asText(c["address"])] = c
		}
	}
	configuration := asObject(asObject(root["configuration"])["root_module"])
	if planned, ok := asObject(root["planned_values"])["root_module"].(map[string]any); ok {
		p.module(planned, configuration, []any{"planned_values", "root_module"}, 0)
		return p.items, problems, nil
	}
	for i, c := range changes {
		c := asObject(c)
		if after, ok := asObject(c["change"])["after"].(map[string]any); ok {
			p.resource(c, after, nil, []any{"resource_changes", i, "change", "after"}, asText(c["module_address"]))
		}
	}
	return p.items, problems, nil
}

func asObject(v any) map[string]any { m, _ := v.(map[string]any); return m }

// module adds the resources of a module and of those below it.
func (p *plan) module(planned, configuration map[string]any, path []any, depth int) {
	declared := map[string]map[string]any{}
	for _, r := range asList(configuration["resources"]) {
		declared[asText(asObject(r)["address"])] = asObject(r)
	}
	for i, r := range asList(planned["resources"]) {
		r := asObject(r)
		values, ok := r["values"].(map[string]any)
		if !ok {
			continue
		}
		at := append(path[:len(path):len(path)], "resources", i, "values")
		config := declared[planAddress(r)]
		if config == nil && configuration != nil {
			config = map[string]any{}
		}
		p.resource(r, values, config, at, asText(planned["address"]))
	}
	for i, c := range asList(planned["child_modules"]) {
		c := asObject(c)
		call := asText(c["address"])
		if at := strings.LastIndex(call, "module."); at >= 0 {
			call, _, _ = strings.Cut(call[at+len("module."):], "[")
		}
		inner, _ := asObject(asObject(configuration["module_calls"])[call])["module"].(map[string]any)
		if depth < maxDepth {
			p.module(c, inner, append(path[:len(path):len(path)], "child_modules", i), depth+1)
		}
	}
}

// planAddress is the address as configuration and references write it, without the module and the index.
func planAddress(r map[string]any) string {
	address := asText(r["type"]) + "." + asText(r["name"])
	if asText(r["mode"]) == "data" {
		return "data." + address
	}
	return address
}

// resource adds an item. config is the resource in the configuration, nil where the plan has none.
func (p *plan) resource(r, values, config map[string]any, path []any, module string) {
	full := asText(r["address"])
	change := asObject(p.changes[full]["change"])
	if actions := asList(change["actions"]); len(actions) == 1 && (actions[0] == "delete" || actions[0] == "forget") {
		return
	}
	address := planAddress(r)
	mode := asText(r["mode"])
	if mode == "" {
		mode = "managed"
	}
	known, _ := withoutNull(values).(map[string]any)
	expressions := config["expressions"]
	if unknown := asObject(change["after_unknown"]); len(unknown) > 0 {
		fillUnknown(known, unknown, asObject(expressions), config != nil, address, 0)
	}
	refs := map[string]bool{}
	planReferences(expressions, refs)
	list := []any{}
	for _, ref := range sortedKeys(refs) {
		list = append(list, ref)
	}
	p.items = append(p.items, Item{Kind: Terraform, File: p.file, Resource: full,
		locate: planPlace{doc: p.doc, path: path, values: known},
		Doc: map[string]any{"mode": mode, "type": asText(r["type"]), "name": asText(r["name"]), "address": address, "module": p.file + ":" + module,
			"source": "plan", "values": known, "refs": list, "policies": policies("", known)}})
}

// withoutNull is a copy without the attributes that nobody set.
func withoutNull(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			if e != nil {
				out[k] = withoutNull(e)
			}
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = withoutNull(e)
		}
		return out
	}
	return v
}

// fillUnknown puts references where the plan says that a value is known after it was applied. With a configuration only what it sets is filled.
func fillUnknown(values, unknown, expressions map[string]any, configured bool, name string, depth int) {
	for k, u := range unknown {
		e := expressions[k]
		switch u := u.(type) {
		case bool:
			if _, there := values[k]; !u || there || configured && e == nil {
				continue
			}
			values[k] = "${" + name + "." + k + "}"
			if refs := asList(asObject(e)["references"]); len(refs) > 0 {
				values[k] = "${" + asText(refs[0]) + "}"
			}
		case []any:
			list, _ := values[k].([]any)
			for i, element := range u {
				inner, block := asObject(e), asList(e)
				if i < len(block) {
					inner = asObject(block[i])
				}
				switch element := element.(type) {
				case map[string]any:
					if i < len(list) && depth < maxDepth {
						if object, ok := list[i].(map[string]any); ok {
							fillUnknown(object, element, inner, configured, fmt.Sprintf("%s.%s[%d]", name, k, i), depth+1)
						}
					}
				case bool:
					if element && i < len(list) && list[i] == nil {
						list[i] = fmt.Sprintf("${%s.%s[%d]}", name, k, i)
					}
				}
			}
		case map[string]any:
			if object, ok := values[k].(map[string]any); ok && depth < maxDepth {
				// One expression makes the whole map.
				fillUnknown(object, u, nil, false, name+"."+k, depth+1)
			}
		}
	}
}

// planReferences collects the addresses in a resource's expressions.
func planReferences(v any, refs map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			if k != "references" {
				planReferences(e, refs)
				continue
			}
			for _, r := range asList(e) {
				parts := strings.Split(strings.NewReplacer("[", ".[").Replace(asText(r)), ".")
				n := 2
				if parts[0] == "data" {
					n = 3
				}
				if len(parts) >= n && !slices.Contains([]string{"each", "count", "self", "path", "terraform"}, parts[0]) {
					refs[strings.Join(parts[:n], ".")] = true
				}
			}
		}
	case []any:
		for _, e := range v {
			planReferences(e, refs)
		}
	}
}
