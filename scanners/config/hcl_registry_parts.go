// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"
	"strings"
)

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
