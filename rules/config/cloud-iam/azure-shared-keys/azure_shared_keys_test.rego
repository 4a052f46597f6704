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
