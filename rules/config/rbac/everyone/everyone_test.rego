# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.everyone_test

import data.sealock.config.rbac.everyone as rule
import data.sealock.lib.samples_test as samples

binding(kind, role, subject) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "b", {"roleRef": {"kind": "ClusterRole", "name": role}, "subjects": [subject]})])

test_anonymous if {
	samples.marks(rule.finding) == {"critical subjects/0/name"} with input as binding("ClusterRoleBinding", "view", {"kind": "User", "name": "system:anonymous"})
	samples.marks(rule.finding) == {"critical subjects/0/name"} with input as binding("RoleBinding", "view", {"kind": "Group", "name": "system:unauthenticated"})
}

test_all_who_have_an_account if {
	samples.marks(rule.finding) == {"high subjects/0/name"} with input as binding("ClusterRoleBinding", "edit", {"kind": "Group", "name": "system:authenticated"})
	samples.marks(rule.finding) == {"medium subjects/0/name"} with input as binding("RoleBinding", "edit", {"kind": "Group", "name": "system:serviceaccounts"})
}

test_all_accounts_of_a_namespace if {
	samples.marks(rule.finding) == {"medium subjects/0/name"} with input as binding("ClusterRoleBinding", "view", {"kind": "Group", "name": "system:serviceaccounts:shop"})
	samples.marks(rule.finding) == {"low subjects/0/name"} with input as binding("RoleBinding", "edit", {"kind": "Group", "name": "system:serviceaccounts:shop"})
}

test_images_of_a_namespace_are_pulled_by_its_accounts if {
	rule.finding == set() with input as binding("RoleBinding", "system:image-puller", {"kind": "Group", "name": "system:serviceaccounts:shop"})
}

test_a_group_of_people_is_fine if {
	rule.finding == set() with input as binding("ClusterRoleBinding", "view", {"kind": "Group", "name": "operators"})
}

test_what_kubernetes_shows_to_everyone if {
	rule.finding == set() with input as binding("ClusterRoleBinding", "system:public-info-viewer", {"kind": "Group", "name": "system:unauthenticated"})
}

test_subjects_of_wrong_types if {
	rule.finding == set() with input as binding("ClusterRoleBinding", "view", "system:anonymous")
	rule.finding == set() with input as binding("ClusterRoleBinding", "view", {"kind": "User", "name": 5})
}

test_all_who_log_in_to_openshift if {
	samples.marks(rule.finding) == {"high subjects/0/name"} with input as binding("ClusterRoleBinding", "self-provisioner", {"kind": "Group", "name": "system:authenticated:oauth"})
}
