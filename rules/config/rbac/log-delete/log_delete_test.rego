# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.log_delete_test

import data.sealock.config.rbac.log_delete as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_everywhere if {
	samples.marks(rule.finding) == {"medium rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get", "deletecollection"]}])
}

test_in_one_namespace if {
	samples.marks(rule.finding) == {"low rules/0/resources/0"} with input as role("Role", [{"apiGroups": [""], "resources": ["pods/log"], "verbs": ["*"]}])
}

test_reading_is_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods/log"], "verbs": ["get", "list", "watch"]}])
}

test_by_name_is_fine if {
	rule.finding == set() with input as role("Role", [{"apiGroups": [""], "resources": ["pods/log"], "resourceNames": ["web"], "verbs": ["delete"]}])
}

test_other_resources_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods"], "verbs": ["delete"]}])
}
