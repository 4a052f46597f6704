# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Clusters sign people in by Entra ID, with RBAC
# description: Local accounts of a cluster are certificates that do not expire with the person; without RBAC everybody who is in is administrator.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, AKS, 5.1 and 5.5 (RBAC, authentication by Entra ID)
# - ref: https://learn.microsoft.com/en-us/azure/aks/manage-local-accounts-managed-azure-ad
#   description: Manage local accounts with AKS-managed Entra integration
# custom:
#   id: cloud-iam.azure-aks-identity
#   severity: medium
#   remediation: Set local_account_disabled = true, azure_active_directory_role_based_access_control with azure_rbac_enabled, and a managed identity.
#   zeroTrust: [Z10, Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.azure_aks_identity

import data.sealock.lib.config_cloud as cloud

clusters := cloud.managed({"azurerm_kubernetes_cluster"})

finding contains f if {
	some i in clusters
	cloud.off(i.values, "local_account_disabled")
	not rbac_off(i)
	f := cloud.fault(i, ["local_account_disabled"], "the cluster has local administrator accounts", cloud.shown(object.get(i.values, "local_account_disabled", null)), "local_account_disabled = true")
}

finding contains f if {
	some i in clusters
	rbac_off(i)
	f := cloud.rated(cloud.fault(i, rbac_path(i), "RBAC is off: whoever is in the cluster is administrator", "false", "true"), "high")
}

finding contains f if {
	some i in clusters
	some p in cloud.at(i.values, ["service_principal"])
	f := cloud.rated(cloud.fault(i, p.path, "the cluster signs in with the password of a service principal", "service_principal", "an identity block"), "low")
}

rbac_off(i) if cloud.put_off(i.values, "role_based_access_control_enabled")

rbac_off(i) if {
	some p in cloud.at(i.values, ["role_based_access_control"])
	cloud.put_off(p.block, "enabled")
}

rbac_path(i) := ["role_based_access_control_enabled"] if {
	cloud.put_off(i.values, "role_based_access_control_enabled")
} else := ["role_based_access_control", 0, "enabled"]

finding contains f if {
	some i in cloud.managed({"azurerm_service_fabric_cluster"})
	some s in cloud.settings(i.values, ["azure_active_directory"], "tenant_id")
	s.value in {null, ""}
	f := cloud.rated(cloud.fault(i, s.path, "people sign in by certificates only", "no azure_active_directory", "a tenant and its applications"), "low")
}
