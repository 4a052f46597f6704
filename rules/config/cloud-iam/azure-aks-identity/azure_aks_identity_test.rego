# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.azure_aks_identity_test

import data.sealock.config.cloud_iam.azure_aks_identity as rule
import data.sealock.lib.config_cloud_test as t

test_local_accounts if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"identity": [{"type": "SystemAssigned"}]})])
	t.paths(findings) == {["local_account_disabled"]}
}

test_no_rbac if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"role_based_access_control_enabled": false})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["role_based_access_control_enabled"]}
}

test_no_rbac_old if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"role_based_access_control": [{"enabled": false}]})])
	t.paths(findings) == {["role_based_access_control", 0, "enabled"]}
}

test_service_principal if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"local_account_disabled": true, "service_principal": [{"client_id": "a"}]})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["service_principal", 0]}
}

test_hardened if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"local_account_disabled": true, "role_based_access_control_enabled": true, "identity": [{"type": "SystemAssigned"}]})])
	findings == set()
}

test_service_fabric if {
	without := t.res("azurerm_service_fabric_cluster", {"name": "shop"})
	partly := t.res("azurerm_service_fabric_cluster", {"azure_active_directory": [{"client_application_id": "${azuread_application.a.client_id}"}]})
	signed := t.res("azurerm_service_fabric_cluster", {"azure_active_directory": [{"tenant_id": "${data.azurerm_client_config.a.tenant_id}"}]})
	findings := rule.finding with input as t.doc([without, partly, signed])
	t.paths(findings) == {["azure_active_directory", "tenant_id"], ["azure_active_directory", 0, "tenant_id"]}
}
