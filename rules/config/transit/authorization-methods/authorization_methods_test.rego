# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.authorization_methods_test

import data.sealock.config.transit.authorization_methods as rule
import data.sealock.lib.samples_test as samples

policy(action, rules) := samples.kube([samples.namespaced(1, "security.istio.io/v1", "AuthorizationPolicy", "web", {"spec": {"action": action, "rules": rules}})])

from := [{"source": {"principals": ["cluster.local/ns/shop/sa/web"]}}]

test_no_to if {
	samples.marks(rule.finding) == {"spec/rules/0"} with input as policy("ALLOW", [{"from": from}])
}

test_only_a_port if {
	samples.marks(rule.finding) == {"medium spec/rules/0/to/0"} with input as policy("ALLOW", [{"from": from, "to": [{"operation": {"ports": ["8080"]}}]}])
}

test_stars_are_none if {
	samples.marks(rule.finding) == {"medium spec/rules/0/to/0"} with input as policy("ALLOW", [{"from": from, "to": [{"operation": {"methods": ["*"], "paths": ["/*"]}}]}])
}

test_one_of_two if {
	samples.marks(rule.finding) == {"low spec/rules/0/to/1"} with input as policy("ALLOW", [{"from": from, "to": [{"operation": {"methods": ["GET"], "paths": ["/a"]}}, {"operation": {"methods": ["GET"]}}]}])
}

test_with_declared_flows_those_tell if {
	doc := object.union(policy("ALLOW", [{"from": from, "to": [{"operation": {"paths": ["/v1/products"]}}]}]), {"declared": []})
	rule.finding == set() with input as doc
	count(rule.finding) == 1 with input as object.union(doc, {"declared": null})
}

test_methods_and_paths_are_fine if {
	rule.finding == set() with input as policy("ALLOW", [{"from": from, "to": [{"operation": {"methods": ["GET"], "paths": ["/v1/products", "/v1/products/*"], "ports": ["8080"]}}]}])
}

test_protocols_without_methods if {
	rule.finding == set() with input as policy("ALLOW", [{"from": from, "to": [{"operation": {"ports": ["5432"]}}]}])
}

test_rules_that_deny if {
	rule.finding == set() with input as policy("DENY", [{"from": from}])
	rule.finding == set() with input as policy("ALLOW", [{}])
}
