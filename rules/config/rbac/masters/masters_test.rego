# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.masters_test

import data.sealock.config.rbac.masters as rule
import data.sealock.lib.samples_test as samples

binding(name, subject) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", name, {"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}, "subjects": [subject]})])

test_a_binding_to_the_group if {
	samples.marks(rule.finding) == {"subjects/0/name"} with input as binding("admins", {"kind": "Group", "name": "system:masters"})
}

test_a_role_of_aws if {
	doc := samples.kube([samples.item(1, "v1", "ConfigMap", "aws-auth", {"data": {"mapRoles": "- rolearn: arn:aws:iam::111122223333:role/ci\n  groups: [system:masters]\n"}}, "kube-system")])
	samples.marks(rule.finding) == {"data/mapRoles"} with input as doc
}

test_the_binding_of_kubernetes_itself if {
	rule.finding == set() with input as binding("cluster-admin", {"kind": "Group", "name": "system:masters"})
}

test_other_groups_are_fine if {
	rule.finding == set() with input as binding("admins", {"kind": "Group", "name": "operators"})
	rule.finding == set() with input as samples.kube([samples.namespaced(1, "v1", "ConfigMap", "aws-auth", {"data": {"mapRoles": "groups: [system:nodes]", "x": 1}})])
}
