# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.token_create_test

import data.sealock.config.rbac.token_create as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_in_the_cluster if {
	samples.marks(rule.finding) == {"high rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"]}])
}

test_in_a_namespace if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("Role", [{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["*"]}])
}

test_named_accounts_are_fine if {
	rule.finding == set() with input as role("Role", [{"apiGroups": [""], "resources": ["serviceaccounts/token"], "verbs": ["create"], "resourceNames": ["web"]}])
}

test_accounts_themselves_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["create", "get"]}])
}
