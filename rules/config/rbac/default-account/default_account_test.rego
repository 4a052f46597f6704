# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.default_account_test

import data.sealock.config.rbac.default_account as rule
import data.sealock.lib.samples_test as samples

binding(subjects) := samples.kube([samples.namespaced(1, "rbac.authorization.k8s.io/v1", "RoleBinding", "b", {"roleRef": {"kind": "Role", "name": "reader"}, "subjects": subjects})])

test_default if {
	samples.marks(rule.finding) == {"subjects/1/name"} with input as binding([{"kind": "ServiceAccount", "name": "web"}, {"kind": "ServiceAccount", "name": "default", "namespace": "shop"}])
}

test_default_as_a_user if {
	samples.marks(rule.finding) == {"subjects/0/name"} with input as binding([{"kind": "User", "name": "system:serviceaccount:shop:default"}])
}

test_another_account_is_fine if {
	rule.finding == set() with input as binding([{"kind": "ServiceAccount", "name": "web", "namespace": "default"}])
}

test_a_user_called_default_is_none if {
	rule.finding == set() with input as binding([{"kind": "User", "name": "default"}])
	rule.finding == set() with input as binding([])
}
