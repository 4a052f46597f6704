# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.azure_own_keys_test

import data.sealock.config.cloud_encryption.azure_own_keys as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"name": "shop"}), t.res("azurerm_cosmosdb_account", {"name": "shop"}), t.res("azurerm_kusto_cluster", {"name": "shop"})])
	t.paths(findings) == {["customer_managed_key"], ["key_vault_key_id"], []}
}

test_databricks_off if {
	findings := rule.finding with input as t.doc([t.res("azurerm_databricks_workspace", {"customer_managed_key_enabled": false, "managed_disk_cmk_key_vault_key_id": "${azurerm_key_vault_key.a.id}"})])
	t.paths(findings) == {["customer_managed_key_enabled"]}
}

test_key_beside_it if {
	account := t.res("azurerm_storage_account", {"name": "shop"})
	key := t.res_refs("azurerm_storage_account_customer_managed_key", {"storage_account_id": "${azurerm_storage_account.this.id}"}, ["azurerm_storage_account.this"])
	findings := rule.finding with input as t.doc([account, key])
	findings == set()
}

test_keys if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_storage_account", {"customer_managed_key": [{"key_vault_key_id": "${azurerm_key_vault_key.a.id}"}]}),
		t.res("azurerm_kubernetes_cluster", {"disk_encryption_set_id": "${azurerm_disk_encryption_set.a.id}"}),
		t.res("azurerm_kubernetes_cluster", {"default_node_pool": [{"os_disk_type": "Ephemeral"}]}),
		t.res("azurerm_data_factory", {"customer_managed_key_id": "${azurerm_key_vault_key.a.id}"}),
	])
	findings == set()
}
