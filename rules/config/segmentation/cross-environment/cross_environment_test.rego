# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.cross_environment_test

import data.sealock.config.segmentation.cross_environment as rule

defaults := {"segmentation.cross-environment": {"label": "environment"}}

end(name, labels, namespace) := {"name": name, "item": 1, "path": [], "labels": labels, "namespaceLabels": namespace}

flow(from, to) := {
	"from": from, "to": to, "protocol": "TCP", "port": 80, "methods": null, "paths": null,
	"via": [{"item": 4, "path": ["spec", "egress", 0]}, {"item": 5, "path": ["spec", "ingress", 0]}],
}

doc(workloads, endpoints, flows) := {"graph": {"workloads": workloads, "endpoints": endpoints, "flows": flows}}

prod := end("shop/db", {"environment": "prod"}, {})

test_pods_of_two_environments if {
	found := rule.finding with input as doc([end("dev/web", {"environment": "dev"}, {}), prod], [], [flow("dev/web", "shop/db")]) with data.params as defaults
	found == {{
		"item": 5, "path": ["spec", "ingress", 0], "message": "dev/web, in environment \"dev\", may connect to shop/db, in \"prod\"",
		"found": "dev to prod", "expected": "flows within one environment",
	}}
}

test_by_the_namespaces_label if {
	count(rule.finding) == 1 with input as doc([end("dev/web", {}, {"environment": "dev"}), prod], [], [flow("dev/web", "shop/db")]) with data.params as defaults
}

test_an_endpoint_outside_the_tree if {
	count(rule.finding) == 1 with input as doc([prod], [end("[environment=dev]/*", {}, {"environment": "dev"})], [flow("[environment=dev]/*", "shop/db")]) with data.params as defaults
}

test_another_label if {
	params := {"segmentation.cross-environment": {"label": "tier"}}
	count(rule.finding) == 1 with input as doc([end("a/a", {"tier": "x"}, {}), end("b/b", {"tier": "y"}, {})], [], [flow("a/a", "b/b")]) with data.params as params
}

test_one_environment if {
	rule.finding == set() with input as doc([end("shop/web", {"environment": "prod"}, {"environment": "x"}), prod], [], [flow("shop/web", "shop/db")]) with data.params as defaults
}

test_no_label if rule.finding == set() with input as doc([end("shop/web", {}, {}), prod], [], [flow("shop/web", "shop/db")]) with data.params as defaults

test_open_ends_are_another_rule if {
	rule.finding == set() with input as doc([end("dev/web", {"environment": "dev"}, {}), prod], [], [object.union(flow("dev/web", "shop/db"), {"via": []})]) with data.params as defaults
}

test_overlays_of_one_name if {
	both := [end("shop/web", {"environment": "dev"}, {}), end("shop/web", {"environment": "prod"}, {}), prod]
	rule.finding == set() with input as doc(both, [], [flow("shop/web", "shop/db")]) with data.params as defaults
}
