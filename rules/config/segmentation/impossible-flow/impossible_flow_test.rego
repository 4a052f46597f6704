# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.impossible_flow_test

import data.sealock.config.segmentation.impossible_flow as rule

doc(comparison) := {"graph": {"workloads": [{"name": "shop/auth", "item": 1, "path": ["spec", "template"]}], "comparison": comparison}}

gone := {
	"kind": "impossible", "from": "shop/payments", "to": "shop/auth", "protocol": "TCP", "port": 8080, "methods": ["GET"], "paths": ["/keys"], "item": 1, "path": ["spec", "template"],
	"message": "the declared flow from shop/payments to shop/auth (TCP 8080, GET on /keys) is not possible: no ingress rule of the policies of shop/auth allows it",
	"found": "no ingress rule of the policies of shop/auth allows it", "expected": "TCP 8080, GET on /keys",
}

test_not_allowed if {
	found := rule.finding with input as doc([gone])
	found == {{"item": 1, "path": ["spec", "template"], "message": gone.message, "found": gone.found, "expected": gone.expected}}
}

test_each_is_one if count(rule.finding) == 2 with input as doc([gone, object.union(gone, {"message": "another"})])

test_equal if rule.finding == set() with input as doc([])

test_undeclared_is_another_rule if rule.finding == set() with input as doc([object.union(gone, {"kind": "undeclared"})])

test_nothing_declared if {
	rule.finding == set() with input as doc(null)
	rule.finding == set() with input as {}
}
