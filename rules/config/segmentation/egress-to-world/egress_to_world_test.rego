# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.egress_to_world_test

import data.sealock.config.segmentation.egress_to_world as rule

doc(direction, peers, ports) := {"graph": {"workloads": [{"name": "shop/web", "item": 1, "path": []}], "rules": [{
	"item": 5, "path": ["spec", "egress", 0], "policy": "NetworkPolicy shop/web", "direction": direction, "effect": "allow", "selects": 1, "peers": peers, "ports": ports,
}]}}

any := {"kind": "world", "name": "0.0.0.0/0 except 10.0.0.0/8", "path": ["spec", "egress", 0, "to", 0]}

everyone := {"kind": "everyone", "name": "everyone", "path": ["spec", "egress", 0]}

test_any_address_any_port if {
	found := rule.finding with input as doc("egress", [any], [])
	{[f.path, f.found] | some f in found} == {[["spec", "egress", 0, "to", 0], "0.0.0.0/0 except 10.0.0.0/8"]}
}

test_all_of_a_protocol if {
	count(rule.finding) == 1 with input as doc("egress", [any], [{"protocol": "TCP", "port": 0}])
	count(rule.finding) == 1 with input as doc("egress", [everyone], [{"protocol": "TCP", "port": 0}])
}

test_ports_are_named if {
	rule.finding == set() with input as doc("egress", [any], [{"protocol": "TCP", "port": 443}])
	rule.finding == set() with input as doc("egress", [everyone], [{"protocol": "UDP", "port": 53}, {"protocol": "TCP", "port": 0, "portName": "https"}])
	rule.finding == set() with input as doc("egress", [any], [{"protocol": "other", "port": 0}])
}

test_some_addresses if rule.finding == set() with input as doc("egress", [{"kind": "cidr", "name": "203.0.113.0/24", "path": []}, {"kind": "name", "name": "api.example.com", "path": []}], [])

test_ingress_is_another_rule if rule.finding == set() with input as doc("ingress", [any], [])

test_everything_is_another_rule if rule.finding == set() with input as doc("egress", [everyone], [])
