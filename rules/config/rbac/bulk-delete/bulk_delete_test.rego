# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.bulk_delete_test

import data.sealock.config.rbac.bulk_delete as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_all_secrets_at_once if {
	samples.marks(rule.finding) == {"medium rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["events", "secrets"], "verbs": ["get", "deletecollection"]}])
}

test_in_one_namespace if {
	samples.marks(rule.finding) == {"low rules/0/resources/0"} with input as role("Role", [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["deletecollection"]}])
}

test_namespaces_with_all_in_them if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["create", "delete"]}])
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": ["apiextensions.k8s.io"], "resources": ["customresourcedefinitions"], "verbs": ["*"]}])
}

test_single_objects_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": ["create", "delete"]}])
}

test_what_passes_is_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["deletecollection"]}])
}

test_named_ones_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["namespaces"], "verbs": ["delete"], "resourceNames": ["preview"]}])
}
