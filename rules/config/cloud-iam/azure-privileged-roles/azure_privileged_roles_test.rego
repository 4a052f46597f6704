# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.azure_privileged_roles_test

import data.sealock.config.cloud_iam.azure_privileged_roles as rule
import data.sealock.lib.config_cloud_test as t

test_owner if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_assignment", {"scope": "${data.azurerm_subscription.primary.id}", "role_definition_name": "Owner"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["role_definition_name"]}
}

test_contributor if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_assignment", {"scope": "/subscriptions/00000000-0000-0000-0000-000000000000", "role_definition_name": "Contributor"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["role_definition_name"]}
}

test_by_id if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_assignment", {"scope": "/subscriptions/${data.azurerm_client_config.current.subscription_id}", "role_definition_id": "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635"})])
	t.paths(findings) == {["role_definition_id"]}
}

test_resource_group if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_assignment", {"scope": "${azurerm_resource_group.shop.id}", "role_definition_name": "Contributor"})])
	findings == set()
}

test_reader if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_assignment", {"scope": "${data.azurerm_subscription.primary.id}", "role_definition_name": "Reader"})])
	findings == set()
}

test_cluster_that_pushes if {
	findings := rule.finding with input as t.doc([t.res("azurerm_role_assignment", {"role_definition_name": "AcrPush", "scope": "${azurerm_container_registry.shop.id}", "principal_id": "${azurerm_kubernetes_cluster.shop.kubelet_identity[0].object_id}"})])
	t.paths(findings) == {["role_definition_name"]}
}

test_cluster_that_pulls if {
	pulls := t.res("azurerm_role_assignment", {"role_definition_name": "AcrPull", "scope": "${azurerm_container_registry.shop.id}", "principal_id": "${azurerm_kubernetes_cluster.shop.kubelet_identity[0].object_id}"})
	pipeline := t.res("azurerm_role_assignment", {"role_definition_name": "AcrPush", "scope": "${azurerm_container_registry.shop.id}", "principal_id": "${azurerm_user_assigned_identity.build.principal_id}"})
	findings := rule.finding with input as t.doc([pulls, pipeline])
	findings == set()
}

test_roles_of_the_directory if {
	role := object.union(t.res("azuread_directory_role", {"display_name": "Global Administrator"}), {"id": 7})
	findings := rule.finding with input as t.doc([
		t.res("azuread_directory_role_assignment", {"role_id": "62e90394-69f5-4237-9190-012177145e10"}),
		role,
		t.res_refs("azuread_directory_role_assignment", {"role_id": "${azuread_directory_role.this.template_id}"}, ["azuread_directory_role.this"]),
		t.res("azuread_directory_role_assignment", {"role_id": "f2ef992c-3afb-46b9-b7cf-a126ee74c451"}),
	])
	t.paths(findings) == {["role_id"], []}
	t.severities(findings) == {"high"}
}
