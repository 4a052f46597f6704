# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.azure_shared_keys_test

import data.sealock.config.cloud_iam.azure_shared_keys as rule
import data.sealock.lib.config_cloud_test as t

test_registry if {
	findings := rule.finding with input as t.doc([t.res("azurerm_container_registry", {"admin_enabled": true})])
	t.paths(findings) == {["admin_enabled"]}
}

test_storage if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"name": "shop"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["shared_access_key_enabled"]}
}

test_cosmos if {
	findings := rule.finding with input as t.doc([t.res("azurerm_cosmosdb_account", {"local_authentication_disabled": false})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["local_authentication_disabled"]}
}

test_off if {
	findings := rule.finding with input as t.doc([t.res("azurerm_container_registry", {"admin_enabled": false}), t.res("azurerm_storage_account", {"shared_access_key_enabled": false}), t.res("azurerm_container_registry", {})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"shared_access_key_enabled": "${var.keys}"})])
	findings == set()
}

test_service_keys if {
	topic := t.res("azurerm_eventgrid_topic", {"local_auth_enabled": true})
	bus := t.res("azurerm_servicebus_namespace", {})
	findings := rule.finding with input as t.doc([topic, bus])
	t.paths(findings) == {["local_auth_enabled"], ["local_authentication_enabled"]}
	t.severities(findings) == {"low"}
}

test_service_identities if {
	bus := t.res("azurerm_servicebus_namespace", {"local_auth_enabled": false})
	hub := t.res("azurerm_iothub", {"local_authentication_enabled": "false"})
	findings := rule.finding with input as t.doc([bus, hub])
	findings == set()
}

test_signed_addresses if {
	share := t.res("azurerm_storage_share", {"acl": [{"access_policy": [{"permissions": "rwdl"}]}]})
	table := t.res("azurerm_storage_table", {"acl": [{"access_policy": [{"permissions": "r"}]}]})
	findings := rule.finding with input as t.doc([share, table])
	t.paths(findings) == {["acl", 0, "access_policy", 0, "permissions"]}
}

test_passwords_only if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server", {"name": "shop", "version": "12.0"})])
	t.paths(findings) == {["azuread_administrator"]}
}

test_directory if {
	server := t.res("azurerm_mssql_server", {"azuread_administrator": [{"login_username": "dba", "object_id": "${var.dba}"}]})
	old := t.res("azurerm_sql_server", {"name": "shop"})
	administrator := t.res_refs("azurerm_sql_active_directory_administrator", {"server_name": "${azurerm_sql_server.this.name}"}, ["azurerm_sql_server.this"])
	findings := rule.finding with input as t.doc([server, old, administrator])
	findings == set()
}
