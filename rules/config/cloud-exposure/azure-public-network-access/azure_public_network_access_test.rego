# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_public_network_access_test

import data.sealock.config.cloud_exposure.azure_public_network_access as rule
import data.sealock.lib.config_cloud_test as t

test_said if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server", {"public_network_access_enabled": true})])
	t.paths(findings) == {["public_network_access_enabled"]}
}

test_default if {
	findings := rule.finding with input as t.doc([t.res("azurerm_cosmosdb_account", {"name": "shop"})])
	t.paths(findings) == {["public_network_access_enabled"]}
}

test_flexible if {
	findings := rule.finding with input as t.doc([t.res("azurerm_postgresql_flexible_server", {"public_network_access_enabled": true})])
	t.paths(findings) == {["public_network_access_enabled"]}
}

test_off if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server", {"public_network_access_enabled": false}), t.res("azurerm_postgresql_flexible_server", {"delegated_subnet_id": "${azurerm_subnet.data.id}"})])
	findings == set()
}

test_allow_list if {
	findings := rule.finding with input as t.doc([t.res("azurerm_container_registry", {"network_rule_set": [{"default_action": "Deny"}]}), t.res("azurerm_cosmosdb_account", {"ip_range_filter": "198.51.100.0/24"})])
	findings == set()
}

test_by_a_word if {
	open := t.res("azurerm_mysql_flexible_server", {"public_network_access": "Enabled"})
	shut := t.res("azurerm_mysql_flexible_server", {"public_network_access": "Disabled"})
	subnet := t.res("azurerm_postgresql_flexible_server", {"delegated_subnet_id": "${azurerm_subnet.a.id}"})
	findings := rule.finding with input as t.doc([open, shut, subnet])
	t.paths(findings) == {["public_network_access"]}
}

test_without_credentials if {
	registry := t.res("azurerm_container_registry", {"public_network_access_enabled": false, "anonymous_pull_enabled": true})
	cache := t.res("azurerm_redis_cache", {"public_network_access_enabled": false, "redis_configuration": [{"enable_authentication": false}]})
	findings := rule.finding with input as t.doc([registry, cache])
	t.paths(findings) == {["anonymous_pull_enabled"], ["redis_configuration", 0, "enable_authentication"]}
	t.severities(findings) == {"high"}
}

test_synapse if {
	findings := rule.finding with input as t.doc([t.res("azurerm_synapse_workspace", {"public_network_access_enabled": false})])
	t.paths(findings) == {["managed_virtual_network_enabled"]}
}

test_synapse_hardened if {
	findings := rule.finding with input as t.doc([t.res("azurerm_synapse_workspace", {"public_network_access_enabled": false, "managed_virtual_network_enabled": true, "data_exfiltration_protection_enabled": true})])
	findings == set()
}

test_databricks if {
	findings := rule.finding with input as t.doc([t.res("azurerm_databricks_workspace", {"public_network_access_enabled": false, "custom_parameters": [{"no_public_ip": false}]})])
	t.paths(findings) == {["custom_parameters", 0, "no_public_ip"]}
}

test_factories if {
	findings := rule.finding with input as t.doc([t.res("azurerm_data_factory", {"name": "etl"}), t.res("azurerm_data_factory", {"public_network_enabled": false})])
	t.paths(findings) == {["public_network_enabled"]}
}

test_endpoints_of_servers if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_mssql_managed_instance", {"public_data_endpoint_enabled": true}),
		t.res("azurerm_mssql_virtual_machine", {"sql_connectivity_type": "PUBLIC"}),
		t.res("azurerm_mssql_virtual_machine", {"sql_connectivity_type": "PRIVATE"}),
	])
	t.paths(findings) == {["public_data_endpoint_enabled"], ["sql_connectivity_type"]}
	t.severities(findings) == {"high"}
}

test_clients_and_nodes if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_netapp_volume", {"export_policy_rule": [{"allowed_clients": ["10.1.0.0/24"]}, {"allowed_clients": ["0.0.0.0/0"]}]}),
		t.res("azurerm_machine_learning_compute_cluster", {"ssh_public_access_enabled": true}),
		t.res("azurerm_snapshot", {"public_network_access_enabled": true}),
		t.res("azurerm_snapshot", {"create_option": "Copy"}),
	])
	t.paths(findings) == {["export_policy_rule", 1, "allowed_clients"], ["ssh_public_access_enabled"], ["public_network_access_enabled"]}
}
