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
	"azurerm_app_configuration", "azurerm_batch_account", "azurerm_postgresql_flexible_server", "azurerm_mysql_flexible_server",
	"azurerm_recovery_services_vault", "azurerm_automation_account", "azurerm_kusto_cluster", "azurerm_databricks_workspace", "azurerm_iothub",
	"azurerm_managed_redis", "azurerm_purview_account",
}

# Judged only if it is said.
others := {
	"azurerm_managed_disk", "azurerm_servicebus_namespace", "azurerm_eventhub_namespace", "azurerm_web_pubsub", "azurerm_signalr_service",
	"azurerm_snapshot", "azurerm_eventgrid_namespace", "azurerm_healthcare_service", "azurerm_monitor_workspace", "azurerm_dashboard_grafana",
	"azurerm_log_analytics_cluster", "azurerm_storage_sync", "azurerm_ai_services", "azurerm_ai_foundry", "azurerm_bot_service_azure_bot",
}

finding contains f if {
	some i in cloud.managed(open_by_default | others)
	key := spelled(i)
	open(i, key)
	not limited(i)
	v := object.get(i.values, key, null)
	f := cloud.fault(i, [key], "it is on the public network", sprintf("%s is %s", [key, cloud.shown(v)]), "false")
}

# Flexible servers of MySQL and the new caches say it by a word, factories by another attribute.
spelled(i) := "public_network_access" if {
	object.get(i.values, "public_network_access", null) != null
} else := "public_network_enabled" if {
	i.type in {"azurerm_data_factory", "azurerm_purview_account"}
} else := "public_network_access_enabled"

open(i, key) if cloud.put_on(i.values, key)

open(i, key) if lower(cloud.text(object.get(i.values, key, ""))) == "enabled"

open(i, key) if {
	i.type in open_by_default
	cloud.unset(i.values, key)
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

limited(i) if {
	some p in cloud.at(i.values, ["custom_parameters"])
	cloud.put_on(p.block, "no_public_ip")
	not cloud.put_on(i.values, "public_network_access_enabled")
}

limited(i) if {
	i.type == "azurerm_cosmosdb_account"
	cloud.put_on(i.values, "is_virtual_network_filter_enabled")
	count(cloud.at(i.values, ["virtual_network_rule"])) > 0
	cloud.unset(i.values, "ip_range_filter")
}

finding contains f if {
	some i in cloud.managed({"azurerm_container_registry"})
	cloud.put_on(i.values, "anonymous_pull_enabled")
	f := cloud.rated(cloud.fault(i, ["anonymous_pull_enabled"], "everybody may pull images without a sign-in", "anonymous_pull_enabled = true", "false"), "high")
}

finding contains f if {
	some i in cloud.managed({"azurerm_redis_cache"})
	some p in cloud.at(i.values, ["redis_configuration"])
	some key in ["enable_authentication", "authentication_enabled"]
	cloud.put_off(p.block, key)
	f := cloud.rated(cloud.fault(i, array.concat(p.path, [key]), "the cache asks for no key", sprintf("%s = false", [key]), "true"), "high")
}

# Clusters of data services in a network of the provider.
finding contains f if {
	some i in cloud.managed({"azurerm_databricks_workspace"})
	some p in cloud.at(i.values, ["custom_parameters"])
	cloud.put_off(p.block, "no_public_ip")
	f := cloud.fault(i, array.concat(p.path, ["no_public_ip"]), "the machines have public addresses", "no_public_ip = false", "true")
}

finding contains f if {
	some i in cloud.managed({"azurerm_synapse_workspace"})
	some key in ["managed_virtual_network_enabled", "data_exfiltration_protection_enabled"]
	cloud.off(i.values, key)
	not implied(i, key)
	f := cloud.rated(cloud.fault(i, [key], without[key], sprintf("%s is %s", [key, cloud.shown(object.get(i.values, key, null))]), "true"), "low")
}

without := {"managed_virtual_network_enabled": "the workspace is in no network of its own", "data_exfiltration_protection_enabled": "the workspace may connect to anything"}

# Without a network there is nothing to keep data in.
implied(i, key) if {
	key == "data_exfiltration_protection_enabled"
	cloud.off(i.values, "managed_virtual_network_enabled")
}

# An endpoint of an instance that otherwise is inside a network only.
finding contains f if {
	some i in cloud.managed({"azurerm_mssql_managed_instance"})
	cloud.put_on(i.values, "public_data_endpoint_enabled")
	f := cloud.rated(cloud.fault(i, ["public_data_endpoint_enabled"], "it is on the public network", "public_data_endpoint_enabled = true", "false"), "high")
}

finding contains f if {
	some i in cloud.managed({"azurerm_mssql_virtual_machine"})
	object.get(i.values, "sql_connectivity_type", "") == "PUBLIC"
	f := cloud.rated(cloud.fault(i, ["sql_connectivity_type"], "it is on the public network", "sql_connectivity_type = PUBLIC", "PRIVATE"), "high")
}

finding contains f if {
	some i in cloud.managed({"azurerm_machine_learning_compute_cluster"})
	cloud.put_on(i.values, "ssh_public_access_enabled")
	f := cloud.fault(i, ["ssh_public_access_enabled"], "the nodes answer SSH on public addresses", "ssh_public_access_enabled = true", "false")
}

# Volumes whose list of clients is everybody.
finding contains f if {
	some i in cloud.managed({"azurerm_netapp_volume"})
	some p in cloud.at(i.values, ["export_policy_rule"])
	some range in cloud.world(object.get(p.block, "allowed_clients", null))
	f := cloud.fault(i, array.concat(p.path, ["allowed_clients"]), "every machine that reaches the volume may mount it", range, "the clients' ranges")
}
