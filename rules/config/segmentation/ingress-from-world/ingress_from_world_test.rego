# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.ingress_from_world_test

import data.sealock.config.segmentation.ingress_from_world as rule

defaults := {"segmentation.ingress-from-world": {"public": ["80", "443", "https"]}}

doc(peers, ports) := {"graph": {"workloads": [{"name": "shop/db", "item": 1, "path": []}], "rules": [{
	"item": 5, "path": ["spec", "ingress", 0], "policy": "NetworkPolicy shop/db", "direction": "ingress", "effect": "allow", "selects": 1, "peers": peers, "ports": ports,
}]}}

any := {"kind": "world", "name": "0.0.0.0/0", "path": ["spec", "ingress", 0, "from", 0]}

everyone := {"kind": "everyone", "name": "everyone", "path": ["spec", "ingress", 0]}

postgres := {"protocol": "TCP", "port": 5432}

test_a_database if {
	found := rule.finding with input as doc([any], [postgres, {"protocol": "TCP", "port": 443}]) with data.params as defaults
	{[f.path, f.message] | some f in found} == {[["spec", "ingress", 0, "from", 0], "NetworkPolicy shop/db lets any address connect: TCP 5432"]}
}

test_a_rule_without_peers if {
	found := rule.finding with input as doc([everyone], [postgres]) with data.params as defaults
	{f.found | some f in found} == {"no peers, so everyone"}
}

test_any_port if {
	count(rule.finding) == 1 with input as doc([any], []) with data.params as defaults
	count(rule.finding) == 1 with input as doc([any], [{"protocol": "TCP", "port": 0}]) with data.params as defaults
	count(rule.finding) == 1 with input as doc([any], [{"protocol": "TCP", "port": 80, "endPort": 9000}]) with data.params as defaults
	count(rule.finding) == 1 with input as doc([any], [{"protocol": "TCP", "port": 0, "portName": "metrics"}]) with data.params as defaults
}

test_public_ports if {
	rule.finding == set() with input as doc([any], [{"protocol": "TCP", "port": 443}]) with data.params as defaults
	rule.finding == set() with input as doc([everyone], [{"protocol": "TCP", "port": 0, "portName": "https"}]) with data.params as defaults
}

test_narrow_addresses_and_pods if {
	rule.finding == set() with input as doc([{"kind": "cidr", "name": "10.1.0.0/16", "path": []}, {"kind": "pods", "name": "shop/app=web", "path": []}], [postgres]) with data.params as defaults
}

test_everything_to_everyone_is_another_rule if rule.finding == set() with input as doc([everyone], []) with data.params as defaults

test_workloads_are_not_in_the_tree if {
	count(rule.finding) == 1 with input as {"graph": {"workloads": [], "rules": doc([any], []).graph.rules}} with data.params as defaults
}
