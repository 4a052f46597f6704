# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Owner and Contributor are not given for a whole subscription
# description: Such a role over a subscription or management group covers everything in it; Owner and User Access Administrator can also give it to others.
# related_resources:
# - ref: https://learn.microsoft.com/en-us/azure/role-based-access-control/best-practices
#   description: Best practices for Azure RBAC, only grant the access users need
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.azure-privileged-roles
#   severity: high
#   remediation: Assign a role of the service that is used, on a resource or resource group.
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.azure_privileged_roles

import data.sealock.lib.config_cloud as cloud

strong := {
	"owner": "high", "contributor": "medium", "user access administrator": "high", "role based access control administrator": "high",
	"8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "high", "b24988ac-6180-42a0-ab88-20f7382dd24c": "medium", "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "high",
}

finding contains f if {
	some i in cloud.managed({"azurerm_role_assignment"})
	some key in ["role_definition_name", "role_definition_id"]
	given := object.get(i.values, key, "")
	is_string(given)
	parts := split(given, "/")
	role := lower(parts[count(parts) - 1])
	scope := cloud.text(object.get(i.values, "scope", ""))
	wide(scope)
	f := cloud.rated(cloud.fault(i, [key], sprintf("%s is given for a whole subscription or more", [given]), sprintf("%s on %s", [given, scope]), "a narrower role on a resource group or resource"), strong[role])
}

wide(scope) if regex.match(`(?i)^(/?subscriptions/[^/]+/?|/|/providers/microsoft\.management/managementgroups/[^/]+)$`, cloud.known_text(scope))

wide(scope) if regex.match(`^\$\{(data\.)?azurerm_(subscription|management_group)\.[^}]*\}$`, scope)

# A cluster that can push can change what it and others run.
finding contains f if {
	some i in cloud.managed({"azurerm_role_assignment"})
	some key in ["role_definition_name", "role_definition_id"]
	given := object.get(i.values, key, "")
	is_string(given)
	parts := split(given, "/")
	lower(parts[count(parts) - 1]) in changing
	contains(cloud.text(object.get(i.values, "principal_id", "")), "azurerm_kubernetes_cluster.")
	contains(cloud.text(object.get(i.values, "scope", "")), "azurerm_container_registry.")
	f := cloud.fault(i, [key], sprintf("the cluster has %s on its registry", [given]), given, "AcrPull")
}

changing := {"acrpush", "8311e382-0749-4cb8-b61a-304f252e45ec", "acrdelete"} | object.keys(strong)

# Roles of the directory that can give any other: Global Administrator, Privileged Role Administrator, Privileged Authentication Administrator.
of_directory := {"62e90394-69f5-4237-9190-012177145e10", "e8611ab8-c189-46e8-94e1-60213ab1f814", "7be44c8a-adaf-4e2a-84d6-ab2649e08a13"}

finding contains f if {
	some i in cloud.managed({"azuread_directory_role_assignment", "azuread_directory_role_eligibility_schedule_request"})
	some key in ["role_id", "role_definition_id"]
	given := lower(cloud.text(object.get(i.values, key, null)))
	given in of_directory
	f := cloud.rated(cloud.fault(i, [key], "the role can give any other in the directory", given, "the role that is needed"), rated_role(i))
}

rated_role(i) := "medium" if {
	i.type == "azuread_directory_role_eligibility_schedule_request"
} else := "high"

finding contains f if {
	some i in cloud.managed({"azuread_directory_role"})
	name := lower(cloud.text(object.get(i.values, "display_name", null)))
	name in {"global administrator", "privileged role administrator"}
	some m in cloud.managed({"azuread_directory_role_assignment", "azuread_directory_role_member"})
	m.module == i.module
	cloud.refers(m, cloud.own_name(i))
	f := cloud.rated(cloud.fault(m, [], "the role can give any other in the directory", name, "the role that is needed"), "high")
}
