# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.cluster_admin_test

import data.sealock.config.rbac.cluster_admin as rule
import data.sealock.lib.samples_test as samples

binding(kind, name, role, subjects) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, name, {"roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role}, "subjects": subjects})])

account := {"kind": "ServiceAccount", "name": "ci", "namespace": "ci"}

test_a_service_account if {
	samples.marks(rule.finding) == {"high roleRef/name"} with input as binding("ClusterRoleBinding", "ci", "cluster-admin", [account])
}

test_in_a_namespace if {
	samples.marks(rule.finding) == {"medium roleRef/name"} with input as binding("RoleBinding", "ci", "cluster-admin", [account, {"kind": "User", "name": "alice"}])
}

test_roles_for_one_namespace_in_all if {
	samples.marks(rule.finding) == {"medium roleRef/name"} with input as binding("ClusterRoleBinding", "ci", "admin", [account])
	samples.marks(rule.finding) == {"medium roleRef/name"} with input as binding("ClusterRoleBinding", "ci", "edit", [account])
	rule.finding == set() with input as binding("RoleBinding", "ci", "edit", [account])
}

test_another_role_is_fine if {
	rule.finding == set() with input as binding("ClusterRoleBinding", "ci", "view", [account])
}

test_the_binding_of_kubernetes_itself if {
	rule.finding == set() with input as binding("ClusterRoleBinding", "cluster-admin", "cluster-admin", [{"kind": "Group", "name": "system:masters"}])
}

test_nobody_bound if {
	rule.finding == set() with input as binding("ClusterRoleBinding", "ci", "cluster-admin", null)
}
