// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"
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
		merged := make(map[string]any, len(old)+1)
		for _, from := range []map[string]any{old, more} {
			for k, e := range from {
				merged[k] = e
			}
		}
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

// securityGroup gives the rules of a group.
func securityGroup(b tfBlock, submodule string) []made {
	var out []made
	for _, key := range []string{"ingress_with_cidr_blocks", "ingress_with_ipv6_cidr_blocks", "ingress_rules"} {
		values, places := entries(b, key)
		for i, v := range values {
			m := newMade("aws_security_group_rule", places[i])
			for _, k := range sortedKeys(v) {
				if !strings.Contains(k, "cidr") {
					m.set(k, v[k], places[i].names[k])
				}
			}
			if name, _ := v["rule"].(string); name != "" {
				m.ports(name)
			}
			if key == "ingress_rules" {
				m.kind = "aws_vpc_security_group_ingress_rule"
			}
			m.addresses(v, places[i])
			if key != "ingress_rules" && v["cidr_blocks"] == nil && v["ipv6_cidr_blocks"] == nil {
				m.addresses(map[string]any{"cidr_blocks": b.values["ingress_cidr_blocks"]}, b.place)
			}
			out = append(out, m)
		}
	}
	names := asList(b.values["ingress_rules"])
	if submodule != "" {
		names = append(slices.Clone(names), submodule)
	}
	for _, n := range names[:min(len(names), maxDynamic)] {
		name, ok := n.(string)
		if _, there := namedPorts[name]; !ok || !there {
			continue
		}
		m := newMade("aws_security_group_rule", b.place)
		m.ports(name)
		m.addresses(map[string]any{"cidr_blocks": b.values["ingress_cidr_blocks"], "ipv6_cidr_blocks": b.values["ingress_ipv6_cidr_blocks"]}, b.place)
		out = append(out, m)
	}
	for i := range out {
		out[i].several = true
		out[i].block.values["type"] = "ingress"
	}
	return out
}

func (m *made) ports(name string) {
	if p, ok := namedPorts[name]; ok {
		m.block.values["from_port"], m.block.values["to_port"], m.block.values["protocol"] = p.from, p.to, p.protocol
	}
}

// addresses sets the address ranges, which the module takes as a list or as text with commas; those of the whole module stand at its arguments.
func (m *made) addresses(v map[string]any, at *place) {
	for _, key := range []string{"cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"} {
		e := v[key]
		if s, ok := e.(string); ok && strings.HasSuffix(key, "blocks") {
			list := []any{}
			for _, one := range strings.Split(s, ",") {
				list = append(list, strings.TrimSpace(one))
			}
			e = list
		}
		p := at.names[key]
		if p == nil {
			p = at.names["ingress_"+key]
		}
		m.set(key, e, p)
	}
}

// listeners gives those of a load balancer.
func listeners(b tfBlock) []made {
	var out []made
	for _, key := range []string{"listeners", "http_tcp_listeners", "https_listeners"} {
		values, places := entries(b, key)
		for i, v := range values {
			m := newMade("aws_lb_listener", places[i])
			m.several = true
			for _, k := range []string{"port", "protocol", "ssl_policy"} {
				m.set(k, v[k], places[i].names[k])
			}
			if key == "https_listeners" && v["protocol"] == nil {
				m.block.values["protocol"] = "HTTPS"
			}
			if v["redirect"] != nil {
				m.set("default_action.redirect", v["redirect"], places[i].names["redirect"])
			}
			out = append(out, m)
		}
	}
	return out
}

// statementArguments are the statements that a module takes in the form of an aws_iam_policy_document: lists or maps of objects.
func statementArguments(values map[string]any) []any {
	out := []any{}
	for _, name := range sortedKeys(values) {
		if !strings.HasSuffix(name, "statements") {
			continue
		}
		statements := []any{}
		switch v := values[name].(type) {
		case []any:
			for i, e := range v {
				statements = append(statements, statementArgument(e, []any{name, i})...)
			}
		case map[string]any:
			for _, k := range sortedKeys(v) {
				statements = append(statements, statementArgument(v[k], []any{name, k})...)
			}
		}
		if len(statements) > 0 && len(out) < maxPolicies {
			out = append(out, map[string]any{"path": []any{name}, "statements": statements})
		}
	}
	return out
}

func statementArgument(v any, path []any) []any {
	s, ok := v.(map[string]any)
	if !ok || s["actions"] == nil && s["not_actions"] == nil {
		return nil
	}
	out := blockStatement(s, path)
	conditions := s["condition"]
	if conditions == nil {
		conditions = s["conditions"]
	}
	if tests, ok := conditions.(map[string]any); ok { // as in JSON
		out["conditions"] = jsonStatement(map[string]any{"Condition": tests}, nil)["conditions"]
	} else if s["condition"] == nil {
		out["conditions"] = blockStatement(map[string]any{"condition": conditions}, nil)["conditions"]
	}
	return []any{out}
}
