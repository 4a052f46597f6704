# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.privileged_policy_test

import data.sealock.config.rbac.privileged_policy as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_privileged_constraints if {
	samples.marks(rule.finding) == {"rules/0/resources/0"} with input as role("Role", [{"apiGroups": ["security.openshift.io"], "resources": ["securitycontextconstraints"], "resourceNames": ["privileged"], "verbs": ["use"]}])
}

test_any_policy if {
	count(rule.finding) == 1 with input as role("ClusterRole", [{"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["use"]}])
}

test_a_restricted_one_is_fine if {
	rule.finding == set() with input as role("Role", [{"apiGroups": ["security.openshift.io"], "resources": ["securitycontextconstraints"], "resourceNames": ["restricted-v2"], "verbs": ["use"]}])
}

test_reading_is_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["policy"], "resources": ["podsecuritypolicies"], "verbs": ["get", "list"]}])
}

bound(policy) := samples.kube([samples.namespaced(1, "rbac.authorization.k8s.io/v1", "RoleBinding", "shop", {
	"roleRef": {"kind": "ClusterRole", "name": sprintf("system:openshift:scc:%s", [policy])},
	"subjects": [{"kind": "ServiceAccount", "name": "shop"}],
})])

test_the_role_of_a_policy if {
	samples.marks(rule.finding) == {"subjects/0"} with input as bound("anyuid")
	rule.finding == set() with input as bound("restricted-v2")
}
