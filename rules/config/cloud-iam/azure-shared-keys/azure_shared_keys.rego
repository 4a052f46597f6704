# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Storage and data services take identities, not shared keys
# description: "Whoever has the account key or the administrator's password of a registry has all of it, without a name in the logs, until somebody changes it."
# related_resources:
# - ref: https://learn.microsoft.com/en-us/azure/storage/common/shared-key-authorization-prevent
#   description: Prevent Shared Key authorization for an Azure Storage account
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-2 Identification and Authentication
# custom:
#   id: cloud-iam.azure-shared-keys
#   severity: medium
#   remediation: Set shared_access_key_enabled, local_authentication_enabled or admin_enabled to false and give roles to identities.
#   zeroTrust: [Z10, Z28]
#   kinds: [terraform]
package sealock.config.cloud_iam.azure_shared_keys

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_container_registry"})
	cloud.put_on(i.values, "admin_enabled")
	f := cloud.fault(i, ["admin_enabled"], "the registry has a shared administrator", "admin_enabled is true", "false, and the roles AcrPull and AcrPush")
}

finding contains f if {
	some i in cloud.managed({"azurerm_storage_account"})
	v := object.get(i.values, "shared_access_key_enabled", null)
	shared(v)
	f := cloud.rated(cloud.fault(i, ["shared_access_key_enabled"], "the storage account takes its shared keys", sprintf("shared_access_key_enabled is %s", [cloud.shown(v)]), "false"), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_cosmosdb_account"})
	cloud.off(i.values, "local_authentication_disabled")
	cloud.get(i.values, "kind", "GlobalDocumentDB") == "GlobalDocumentDB"
	f := cloud.rated(cloud.fault(i, ["local_authentication_disabled"], "the account takes its shared keys", "local_authentication_disabled is off", "true"), "low")
}

# Keys of services are on unless it is said otherwise.
services := {
	"azurerm_app_configuration", "azurerm_cognitive_account", "azurerm_eventgrid_domain", "azurerm_eventgrid_topic", "azurerm_eventhub_namespace",
	"azurerm_iothub", "azurerm_search_service", "azurerm_servicebus_namespace", "azurerm_automation_account", "azurerm_signalr_service",
	"azurerm_web_pubsub", "azurerm_machine_learning_compute_cluster", "azurerm_machine_learning_compute_instance",
}

keys := ["local_auth_enabled", "local_authentication_enabled"]

finding contains f if {
	some i in cloud.managed(services)
	every key in keys {
		shared(object.get(i.values, key, null))
	}
	f := cloud.rated(cloud.fault(i, [said(i)], "the service takes its shared keys", sprintf("%s is not false", [said(i)]), "false, and roles for identities"), "low")
}

said(i) := "local_auth_enabled" if {
	object.get(i.values, "local_auth_enabled", null) != null
} else := "local_authentication_enabled"

# A server without a directory knows passwords only.
finding contains f if {
	some i in cloud.managed({"azurerm_mssql_server", "azurerm_sql_server", "azurerm_mssql_managed_instance"})
	cloud.no_blocks(i, "azuread_administrator")
	count(cloud.companions(i, {"azurerm_sql_active_directory_administrator", "azurerm_mssql_managed_instance_active_directory_administrator"}, "server_name")) == 0
	f := cloud.rated(cloud.fault(i, ["azuread_administrator"], "people sign in to the server by passwords only", "no azuread_administrator", "an administrator of the directory, and azuread_authentication_only"), "low")
}

# A policy of signed addresses that allows everything is a key as good as the account's.
finding contains f if {
	some i in cloud.managed({"azurerm_storage_share", "azurerm_storage_table", "azurerm_storage_queue"})
	some place in [["acl", "access_policy"], ["acls", "access_policy"]]
	some p in cloud.at(i.values, place)
	permissions := cloud.text(object.get(p.block, "permissions", ""))
	every letter in ["r", "w", "d", "l"] {
		contains(permissions, letter)
	}
	f := cloud.fault(i, config.child(p.path, ["permissions"]), "signed addresses may read, write, delete and list", permissions, "the permissions that are needed, such as r")
}

shared(v) if v in {null, true, "true"}
