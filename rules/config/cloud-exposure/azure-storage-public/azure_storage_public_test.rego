# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_storage_public_test

import data.sealock.config.cloud_exposure.azure_storage_public as rule
import data.sealock.lib.config_cloud_test as t

test_container if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_container", {"container_access_type": "blob"})])
	t.paths(findings) == {["container_access_type"]}
}

test_allowed if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"allow_nested_items_to_be_public": true})])
	t.paths(findings) == {["allow_nested_items_to_be_public"]}
}

test_default if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"name": "shop"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["allow_nested_items_to_be_public"]}
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"allow_nested_items_to_be_public": false}), t.res("azurerm_storage_container", {"container_access_type": "private"}), t.res("azurerm_storage_container", {})])
	findings == set()
}

test_other_tenants if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"allow_nested_items_to_be_public": false, "cross_tenant_replication_enabled": true})])
	t.paths(findings) == {["cross_tenant_replication_enabled"]}
}
