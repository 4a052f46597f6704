# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Databases and other services of data are not on the public network
# description: "With public network access the service's address answers the whole internet, and only a password or key stands before the data."
# related_resources:
# - ref: https://learn.microsoft.com/en-us/azure/azure-sql/database/connectivity-settings
#   description: Azure SQL, connectivity settings, public network access
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.azure-public-network-access
#   severity: medium
#   remediation: Set public_network_access_enabled = false and add a private endpoint.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.azure_public_network_access

import data.sealock.lib.config_cloud as cloud

# Public unless it is said otherwise.
open_by_default := {
	"azurerm_mssql_server", "azurerm_mysql_server", "azurerm_postgresql_server", "azurerm_mariadb_server", "azurerm_cosmosdb_account",
	"azurerm_container_registry", "azurerm_redis_cache", "azurerm_search_service", "azurerm_cognitive_account", "azurerm_data_factory",
	"azurerm_synapse_workspace", "azurerm_eventgrid_topic", "azurerm_eventgrid_domain", "azurerm_machine_learning_workspace",
	"azurerm_app_configuration", "azurerm_batch_account",
}

# Judged only if it is said.
others := {
	"azurerm_postgresql_flexible_server", "azurerm_mysql_flexible_server", "azurerm_managed_disk", "azurerm_servicebus_namespace", "azurerm_eventhub_namespace",
	"azurerm_iothub", "azurerm_databricks_workspace",
}

finding contains f if {
	some i in cloud.managed(open_by_default | others)
	open(i)
	not limited(i)
	v := object.get(i.values, "public_network_access_enabled", null)
	f := cloud.fault(i, ["public_network_access_enabled"], "it is on the public network", sprintf("public_network_access_enabled is %s", [cloud.shown(v)]), "false")
}

open(i) if cloud.put_on(i.values, "public_network_access_enabled")

open(i) if {
	i.type in open_by_default
	cloud.unset(i.values, "public_network_access_enabled")
}

# In a managed network of its own, on a subnet, or with an allow-list that denies the rest.
limited(i) if {
	some key in ["ip_range_filter", "subnet_id", "delegated_subnet_id", "allowed_ips"]
	not object.get(i.values, key, null) in {null, "", []}
	count(cloud.world(object.get(i.values, key, null))) == 0
}

limited(i) if {
	some key in ["network_rule_set", "network_rulesets", "network_acls"]
	some p in cloud.at(i.values, [key])
	object.get(p.block, "default_action", "") == "Deny"
}
