# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.nodes_proxy_test

import data.sealock.config.rbac.nodes_proxy as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_get if {
	samples.marks(rule.finding) == {"rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["nodes", "nodes/proxy"], "verbs": ["get", "list"]}])
}

test_any_proxy if {
	count(rule.finding) == 1 with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["*/proxy"], "verbs": ["create"]}])
}

test_metrics_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["nodes", "nodes/metrics", "nodes/stats"], "verbs": ["get", "list"]}])
}

test_pods_proxy_is_another_rules if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods/proxy"], "verbs": ["get"]}])
}
