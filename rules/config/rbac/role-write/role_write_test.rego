# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.role_write_test

import data.sealock.config.rbac.role_write as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_create_bindings if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterrolebindings"], "verbs": ["create"]}])
}

test_in_a_namespace if {
	samples.marks(rule.finding) == {"low rules/0/resources/1"} with input as role("Role", [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["x", "roles"], "verbs": ["patch"]}])
}

test_reading_is_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["get", "list", "watch"]}])
}

test_named_ones_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["update"], "resourceNames": ["x"]}])
}
