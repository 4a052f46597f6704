# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.escalate_test

import data.sealock.config.rbac.escalate as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_escalate if {
	samples.marks(rule.finding) == {"critical rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["rolebindings", "clusterroles"], "verbs": ["escalate", "get"]}])
}

test_impersonate if {
	samples.marks(rule.finding) == {"critical rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["users", "groups"], "verbs": ["impersonate"]}])
	count(rule.finding) == 1 with input as role("ClusterRole", [{"apiGroups": ["authentication.k8s.io"], "resources": ["userextras/scopes"], "verbs": ["impersonate"]}])
}

test_all_verbs_are_these_too if {
	samples.marks(rule.finding) == {"high rules/0/resources/0"} with input as role("Role", [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["*"]}])
}

test_named_ones_are_less_bad if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["clusterroles"], "verbs": ["bind"], "resourceNames": ["view"]}])
}

test_as_one_named_person if {
	grant := {"apiGroups": [""], "resources": ["users"], "verbs": ["impersonate"], "resourceNames": ["alice"]}
	samples.marks(rule.finding) == {"low rules/0/resources/0"} with input as role("ClusterRole", [grant])
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [object.union(grant, {"resources": ["groups"], "resourceNames": ["system:masters"]})])
}

test_on_all_resources if {
	count(rule.finding) == 1 with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["*"], "verbs": ["impersonate"]}])
}

test_other_verbs_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles"], "verbs": ["get", "list", "create"]}])
}

test_bind_of_other_things_is_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["kcp.example.com"], "resources": ["apiexports"], "verbs": ["bind"]}])
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["serviceaccounts"], "verbs": ["create"]}])
}
