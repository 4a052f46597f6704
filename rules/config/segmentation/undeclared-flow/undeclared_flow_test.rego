# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.undeclared_flow_test

import data.sealock.config.segmentation.undeclared_flow as rule

doc(comparison) := {"graph": {"workloads": [{"name": "shop/auth", "item": 1, "path": ["spec", "template"]}], "comparison": comparison}}

wider := {
	"kind": "undeclared", "from": "shop/payments", "to": "shop/auth", "protocol": "TCP", "port": 8080, "methods": ["DELETE"], "paths": null, "item": 7, "path": ["spec", "rules", 1],
	"message": "shop/payments may connect to shop/auth: TCP 8080, DELETE on any path; declared is only TCP 8080, GET on /keys",
	"found": "TCP 8080, DELETE on any path", "expected": "TCP 8080, GET on /keys",
}

test_more_than_declared if {
	found := rule.finding with input as doc([wider])
	found == {{
		"item": 7, "path": ["spec", "rules", 1], "message": "shop/payments may connect to shop/auth, which is not declared: TCP 8080, DELETE on any path",
		"found": wider.found, "expected": wider.expected,
	}}
}

test_one_rule_is_one_finding if {
	found := rule.finding with input as doc([wider, object.union(wider, {"port": 9090, "found": "TCP 9090"})])
	{f.found | some f in found} == {"TCP 8080, DELETE on any path; TCP 9090"}
}

test_each_is_one if count(rule.finding) == 2 with input as doc([wider, object.union(wider, {"item": 8})])

test_equal if rule.finding == set() with input as doc([])

test_nothing_declared if {
	rule.finding == set() with input as doc(null)
	rule.finding == set() with input as {"graph": null}
}

test_impossible_is_another_rule if rule.finding == set() with input as doc([object.union(wider, {"kind": "impossible"})])
