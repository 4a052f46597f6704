# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.persistent_volumes_test

import data.sealock.config.rbac.persistent_volumes as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_create if {
	samples.marks(rule.finding) == {"rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["create", "delete"]}])
}

test_all_verbs if {
	samples.marks(rule.finding) == {"rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["*"]}])
}

test_reading_is_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["get", "list", "watch", "patch"]}])
}

test_claims_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["persistentvolumeclaims"], "verbs": ["create"]}])
	rule.finding == set() with input as role("Role", [{"apiGroups": [""], "resources": ["persistentvolumes"], "verbs": ["create"]}])
}
