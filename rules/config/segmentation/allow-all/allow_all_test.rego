# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.allow_all_test

import data.sealock.config.segmentation.allow_all as rule

doc(r) := {"graph": {"workloads": [{"name": "shop/auth", "item": 1, "path": []}], "rules": [object.union(
	{"item": 5, "path": ["spec", "ingress", 0], "policy": "NetworkPolicy shop/open", "direction": "ingress", "effect": "allow", "selects": 2, "peers": [], "ports": []},
	r,
)]}}

everyone := {"kind": "everyone", "name": "everyone", "path": ["spec", "ingress", 0]}

cluster := {"kind": "cluster", "name": "*/*", "path": ["spec", "ingress", 0, "from", 1]}

web := {"protocol": "TCP", "port": 8080}

dns := {"protocol": "UDP", "port": 53}

test_a_rule_with_nothing_in_it if {
	found := rule.finding with input as doc({"peers": [everyone]})
	{[f.item, f.path, f.severity, f.message] | some f in found} == {[5, ["spec", "ingress", 0], "high", "NetworkPolicy shop/open allows the 2 workloads that it selects any ingress"]}
}

test_any_egress if {
	found := rule.finding with input as doc({"direction": "egress", "peers": [everyone], "selects": 1})
	{[f.severity, f.message] | some f in found} == {["medium", "NetworkPolicy shop/open allows the one workload that it selects any egress"]}
}

test_all_namespaces if {
	found := rule.finding with input as doc({"peers": [{"kind": "pods", "name": "shop/app=web", "path": []}, cluster], "ports": [web]})
	{f.path | some f in found} == {["spec", "ingress", 0, "from", 1]}
	count(rule.finding) == 1 with input as doc({"direction": "egress", "peers": [cluster]})
	count(rule.finding) == 1 with input as doc({"direction": "egress", "peers": [cluster], "ports": [{"protocol": "TCP", "port": 0}]})
}

test_named_peers if rule.finding == set() with input as doc({"peers": [{"kind": "pods", "name": "shop/*", "path": []}, {"kind": "cidr", "name": "10.0.0.0/8", "path": []}]})

test_everyone_on_some_ports_is_another_rule if rule.finding == set() with input as doc({"peers": [everyone], "ports": [web]})

test_name_servers_anywhere if {
	rule.finding == set() with input as doc({"direction": "egress", "peers": [everyone], "ports": [dns]})
	rule.finding == set() with input as doc({"direction": "egress", "peers": [cluster], "ports": [dns]})
}

test_denying_everyone if rule.finding == set() with input as doc({"effect": "deny", "peers": [everyone]})

test_workloads_are_not_in_the_tree if {
	found := rule.finding with input as object.union(doc({"peers": [everyone], "selects": 0}), {"graph": {"workloads": []}})
	{f.severity | some f in found} == {"high"}
}

test_no_policies if {
	rule.finding == set() with input as {"graph": {"workloads": []}}
	rule.finding == set() with input as {"graph": null}
}
