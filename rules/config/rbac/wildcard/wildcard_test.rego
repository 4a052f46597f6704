# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.wildcard_test

import data.sealock.config.rbac.wildcard as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_as_good_as_cluster_admin if {
	samples.marks(rule.finding) == {"critical rules/0"} with input as role("ClusterRole", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])
}

test_in_one_namespace if {
	samples.marks(rule.finding) == {"high rules/0"} with input as role("Role", [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])
}

test_reading_everything if {
	samples.marks(rule.finding) == {"high rules/1/resources"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}, {"apiGroups": [""], "resources": ["*"], "verbs": ["get", "list"]}])
}

test_all_verbs_on_ones_own_resources if {
	samples.marks(rule.finding) == {"medium rules/0/verbs"} with input as role("ClusterRole", [{"apiGroups": ["shop.example.com"], "resources": ["orders"], "verbs": ["*"]}])
}

test_a_single_text_instead_of_a_list if {
	samples.marks(rule.finding) == {"medium rules/0/verbs"} with input as role("ClusterRole", [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": "*"}])
}

test_bound_in_single_namespaces_only if {
	doc := samples.kube([
		samples.global(1, "rbac.authorization.k8s.io/v1", "ClusterRole", "operator", {"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]}),
		samples.namespaced(2, "rbac.authorization.k8s.io/v1", "RoleBinding", "b", {"roleRef": {"kind": "ClusterRole", "name": "operator"}}),
	])
	samples.marks(rule.finding) == {"high rules/0"} with input as doc
}

test_names_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["get", "list", "watch"]}])
	rule.finding == set() with input as role("ClusterRole", [{"nonResourceURLs": ["/metrics", "/healthz/*"], "verbs": ["get"]}])
}

test_roles_of_kubernetes_itself if {
	rule.finding == set() with input as samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", "ClusterRole", "system:controller:x", {"rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]})])
}

test_no_rules if {
	rule.finding == set() with input as role("Role", null)
	rule.finding == set() with input as role("Role", ["*", null])
}
