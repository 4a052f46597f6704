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
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server", {"public_network_access_enabled": false}), t.res("azurerm_postgresql_flexible_server", {})])
	findings == set()
}

test_allow_list if {
	findings := rule.finding with input as t.doc([t.res("azurerm_container_registry", {"network_rule_set": [{"default_action": "Deny"}]}), t.res("azurerm_cosmosdb_account", {"ip_range_filter": "198.51.100.0/24"})])
	findings == set()
}
