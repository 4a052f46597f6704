# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.default_deny_test

import data.sealock.config.segmentation.default_deny as rule

workload(more) := object.union(
	{
		"name": "shop/auth", "kind": "Deployment", "item": 3, "path": ["spec", "template"], "labels": {"app": "auth"}, "namespaceLabels": {}, "serviceAccount": "auth",
		"hostNetwork": false, "ingressIsolated": true, "egressIsolated": true, "authorized": false,
	},
	more,
)

graph(list) := {"graph": {"workloads": list, "endpoints": [], "rules": [], "flows": [], "unread": [], "comparison": null}}

test_nothing_selects_it if {
	found := rule.finding with input as graph([workload({"ingressIsolated": false, "egressIsolated": false})])
	found == {{
		"item": 3, "path": ["spec", "template"], "message": "no network policy limits the ingress and egress of shop/auth",
		"found": "any ingress and egress", "expected": "policies that select the pod for ingress and egress",
	}}
}

test_one_direction if {
	found := rule.finding with input as graph([workload({"egressIsolated": false}), workload({"item": 4})])
	{[f.item, f.found] | some f in found} == {[3, "any egress"]}
}

test_each_workload_by_itself if {
	count(rule.finding) == 2 with input as graph([workload({"ingressIsolated": false}), workload({"item": 4, "egressIsolated": false}), workload({"item": 5})])
}

test_policies_that_are_not_read_are_no_excuse if {
	doc := graph([workload({"ingressIsolated": false})])
	found := rule.finding with input as object.union(doc, {"graph": {"unread": [{"item": 9, "path": ["kind"], "policy": "ClusterNetworkPolicy deny", "kind": "unsupported", "message": "m"}]}})
	{f.item | some f in found; not "severity" in object.keys(f)} == {3}
}

test_isolated if rule.finding == set() with input as graph([workload({})])

test_the_nodes_network_is_another_rule if rule.finding == set() with input as graph([workload({"hostNetwork": true, "ingressIsolated": false})])

test_nothing_to_judge if {
	rule.finding == set() with input as graph([])
	rule.finding == set() with input as {"graph": null}
	rule.finding == set() with input as {}
}
