# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Apps have a managed identity
# description: An app without an identity of its own needs a password or key for every service that it calls.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 9.5 (register with Entra ID is on for App Service)
# - ref: https://learn.microsoft.com/en-us/azure/app-service/overview-managed-identity
#   description: Managed identities for App Service and Functions
# custom:
#   id: cloud-iam.azure-managed-identity
#   severity: low
#   remediation: Add an identity block with type SystemAssigned or UserAssigned.
#   zeroTrust: [Z10, Z28]
#   kinds: [terraform]
package sealock.config.cloud_iam.azure_managed_identity

import data.sealock.lib.config_cloud as cloud

types := {
	"azurerm_app_service", "azurerm_linux_web_app", "azurerm_windows_web_app", "azurerm_function_app", "azurerm_linux_function_app",
	"azurerm_windows_function_app", "azurerm_container_app", "azurerm_data_factory", "azurerm_container_group", "azurerm_logic_app_standard",
	"azurerm_logic_app_workflow", "azurerm_app_service_slot", "azurerm_linux_web_app_slot", "azurerm_windows_web_app_slot",
	"azurerm_linux_function_app_slot", "azurerm_windows_function_app_slot",
}

finding contains f if {
	some i in cloud.managed(types)
	cloud.no_blocks(i, "identity")
	f := cloud.fault(i, ["identity"], "the app has no identity of its own", "no identity block", "an identity block")
}
