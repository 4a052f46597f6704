# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.secrets_test

import data.sealock.config.rbac.secrets as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_list_in_the_cluster if {
	samples.marks(rule.finding) == {"high rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods", "secrets"], "verbs": ["list"]}])
}

test_get_in_a_namespace if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("Role", [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}])
}

test_all_verbs if {
	samples.marks(rule.finding) == {"high rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": ["*"], "resources": ["secrets"], "verbs": ["*"]}])
}

test_only_writing if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create", "patch"]}])
}

test_by_name_is_fine if {
	rule.finding == set() with input as role("Role", [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"], "resourceNames": ["web-tls"]}])
}

test_secrets_of_other_groups if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["vault.example.com"], "resources": ["secrets"], "verbs": ["get"]}])
}

test_writing_in_ones_own_namespace_is_fine if {
	rule.finding == set() with input as role("Role", [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["create"]}])
}
