# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.config_map_write_test

import data.sealock.config.rbac.config_map_write as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_everywhere if {
	samples.marks(rule.finding) == {"rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods", "configmaps"], "verbs": ["get", "deletecollection"]}])
}

test_in_one_namespace_is_fine if {
	rule.finding == set() with input as role("Role", [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["*"]}])
}

test_logins_to_eks if {
	grant := {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["aws-auth"], "verbs": ["get", "patch"]}
	samples.marks(rule.finding) == {"high rules/0/resources/0"} with input as role("Role", [grant])
}

system(grant) := samples.kube([samples.item(1, "rbac.authorization.k8s.io/v1", "Role", "operator", {"rules": [grant]}, "kube-system")])

test_in_kube_system if {
	grant := {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "update"]}
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as system(grant)
	rule.finding == set() with input as system(object.union(grant, {"verbs": ["create", "get"]}))
	rule.finding == set() with input as system(object.union(grant, {"resourceNames": ["leader"]}))
}

test_answers_of_dns if {
	grant := {"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["coredns"], "verbs": ["update"]}
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("Role", [grant])
	rule.finding == set() with input as role("Role", [object.union(grant, {"verbs": ["get"]})])
}

test_reading_is_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get", "list", "watch"]}])
}

test_by_name_is_fine if {
	rule.finding == set() with input as role("Role", [{"apiGroups": [""], "resources": ["configmaps"], "resourceNames": ["web"], "verbs": ["create"]}])
}

test_other_resources_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}])
}
