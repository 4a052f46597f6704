# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.namespace_write_test

import data.sealock.config.rbac.namespace_write as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_labels_of_all_namespaces if {
	samples.marks(rule.finding) == {"medium rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods", "namespaces"], "verbs": ["get", "patch"]}])
}

test_of_ones_own if {
	samples.marks(rule.finding) == {"low rules/0/resources/0"} with input as role("Role", [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["*"]}])
}

test_named_ones_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["update"], "resourceNames": ["shop"]}])
}

test_reading_and_their_end_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["get", "list", "watch"]}])
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["namespaces/finalize", "namespaces/status"], "verbs": ["update"]}])
}
