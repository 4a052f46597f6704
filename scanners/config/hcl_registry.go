// SPDX-License-Identifier: Apache-2.0

package config

import (
	"maps"
	"strconv"
	"strings"
)

// What a module of the registry does with its arguments is not in the tree. Of the best known modules it is known which arguments become which
// attributes of a resource, and has been since their first versions: such a call gives, besides its own item, the resources that it makes. They are
// judged by the arguments that are written out and by nothing else: what a version of the module does by default is not.

// registryPart is a resource that a module makes.
type registryPart struct {
	kind   string            // the resource's type
	same   []string          // arguments that are called as the attribute is
	rename map[string]string // arguments that are not: the argument, the attribute with dots for blocks
	unsaid bool              // arguments that are left out stand as what is not known: rules judge all of them together
}

// registered gives the items for a call of a well-known module.
func (t *terraform) registered(src *tfSource, call map[string]any, b tfBlock) error {
	source, _ := call["values"].(map[string]any)["source"].(string)
	name, submodule, _ := strings.Cut(strings.TrimPrefix(source, "registry.terraform.io/"), "//")
	name, ok := strings.CutPrefix(name, "terraform-aws-modules/")
	name, provider := strings.CutSuffix(name, "/aws")
	if !ok || !provider || makesNothing(b.values) {
		return nil
	}
	module := "module." + call["name"].(string)
	var made []made
	switch name {
	case "security-group":
		made = securityGroup(b, strings.TrimPrefix(submodule, "modules/"))
	case "alb":
		made = listeners(b)
	}
	if submodule != "" {
		name += "//" + strings.TrimPrefix(submodule, "modules/")
	}
	for _, p := range registryParts[name] {
		made = append(made, p.make(b, module))
	}
	for n, m := range made {
		if len(m.given) == 0 {
			continue
		}
		doc := map[string]any{"mode": "managed", "type": m.kind, "name": call["name"], "address": module, "module": call["module"], "source": "hcl"}
		m.block.refs = b.refs
		if err := t.add(src, doc, m.block); err != nil {
			return err
		}
		item := &t.items[len(t.items)-1]
		item.given = m.given
		if m.several {
			item.same = module + "/" + m.kind + "/" + strconv.Itoa(n)
		}
	}
	return nil
}

// makesNothing says whether a call makes nothing.
func makesNothing(values map[string]any) bool {
	for _, k := range []string{"create", "create_bucket", "create_sg", "create_vpc", "create_function"} {
		if v := values[k]; v == false || v == "false" {
			return true
		}
	}
	n, ok := integer(values["count"])
	return ok && n <= 0
}

// made is a resource that a module makes: its values, and the attributes that the call gives.
type made struct {
	kind    string
	block   tfBlock
	given   map[string]bool
	several bool
}

func newMade(kind string, at *place) made {
	return made{kind: kind, block: tfBlock{values: map[string]any{}, place: &place{pos: at.pos, names: map[string]*place{}}}, given: map[string]bool{}}
}

// set sets an attribute from a value of the call.
func (m *made) set(attribute string, v any, at *place) {
	if v == nil {
		return
	}
	if at == nil {
		at = &place{pos: m.block.place.pos}
	}
	v, at = blocksByKey(v, at)
	names := strings.Split(attribute, ".")
	for i := len(names) - 1; i > 0; i-- {
		v = map[string]any{names[i]: v}
		at = &place{pos: at.pos, names: map[string]*place{names[i]: at}}
	}
	m.given[names[0]] = true
	old, isBlock := m.block.values[names[0]].(map[string]any)
	if more, ok := v.(map[string]any); ok && isBlock && len(names) > 1 {
		merged := maps.Clone(old)
		maps.Copy(merged, more)
		v = merged
		at.below(m.block.place.names[names[0]])
	}
	m.block.values[names[0]] = v
	m.block.place.names[names[0]] = at
}

// blocksByKey makes a list of a map of objects, as newer modules take blocks.
func blocksByKey(v any, at *place) (any, *place) {
	object, ok := v.(map[string]any)
	if !ok || len(object) == 0 {
		return v, at
	}
	list, out := []any{}, &place{pos: at.pos}
	for _, k := range sortedKeys(object) {
		if !isObject(object[k]) {
			return v, at
		}
		list = append(list, object[k])
		p := at.names[k]
		if p == nil {
			p = &place{pos: at.pos}
		}
		out.list = append(out.list, p)
	}
	return list, out
}

// make gives the resource.
func (p registryPart) make(b tfBlock, module string) made {
	m := newMade(p.kind, b.place)
	names := map[string]string{}
	for _, arg := range p.same {
		names[arg] = arg
	}
	for arg, attribute := range p.rename {
		names[arg] = attribute
	}
	for _, arg := range sortedKeys(names) {
		if b.values[arg] != nil {
			m.set(names[arg], b.values[arg], b.place.names[arg])
		}
	}
	if p.unsaid {
		m.block.values["bucket"] = module // no other bucket's
		for _, arg := range p.same {
			if m.block.values[arg] == nil {
				m.block.values[arg] = text("${" + module + "." + arg + "}")
			}
		}
	}
	return m
}

// entries are the objects of a list, or of a map, with their places.
func entries(b tfBlock, name string) (values []map[string]any, places []*place) {
	at := b.place.names[name]
	if at == nil {
		return nil, nil
	}
	v, at := blocksByKey(b.values[name], at)
	for i, e := range asList(v) {
		object, ok := e.(map[string]any)
		if !ok || len(values) == maxDynamic {
			continue
		}
		p := &place{pos: at.pos}
		if i < len(at.list) {
			p = at.list[i]
		}
		values, places = append(values, object), append(places, p)
	}
	return values, places
}
