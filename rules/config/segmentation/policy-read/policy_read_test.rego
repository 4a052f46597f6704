# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.policy_read_test

import data.sealock.config.segmentation.policy_read as rule

doc(unread) := {"graph": {"workloads": [{"name": "shop/auth", "item": 1, "path": []}], "unread": unread}}

misspelt := {"item": 2, "path": ["spec", "podSelectr"], "policy": "NetworkPolicy shop/deny", "kind": "invalid", "message": "unknown field \"podSelectr\""}

antrea := {"item": 3, "path": ["kind"], "policy": "ClusterNetworkPolicy deny", "kind": "unsupported", "message": "not read"}

test_refused_by_the_api_server if {
	found := rule.finding with input as doc([misspelt])
	found == {{"item": 2, "path": ["spec", "podSelectr"], "message": "NetworkPolicy shop/deny: unknown field \"podSelectr\"", "expected": "what the API server takes"}}
}

test_a_kind_that_is_not_read if {
	found := rule.finding with input as doc([antrea])
	{[f.item, f.severity] | some f in found} == {[3, "medium"]}
	declared := rule.finding with input as {"graph": object.union(doc([antrea]).graph, {"comparison": []})}
	{[f.item, f.severity] | some f in declared} == {[3, "high"]}
}

test_all_are_read if rule.finding == set() with input as doc([])

test_no_workloads if {
	rule.finding == set() with input as {"graph": {"workloads": [], "unread": [misspelt]}}
	rule.finding == set() with input as {"graph": null}
}
