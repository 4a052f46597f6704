# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.azure_at_rest_test

import data.sealock.config.cloud_encryption.azure_at_rest as rule
import data.sealock.lib.config_cloud_test as t

test_database if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_database", {"transparent_data_encryption_enabled": false})])
	t.paths(findings) == {["transparent_data_encryption_enabled"]}
}

test_disk if {
	findings := rule.finding with input as t.doc([t.res("azurerm_managed_disk", {"encryption_settings": [{"enabled": false}]})])
	t.paths(findings) == {["encryption_settings", 0, "enabled"]}
}

test_key_of_azure if {
	findings := rule.finding with input as t.doc([t.planned("azurerm_managed_disk", {"encryption_settings": [], "disk_encryption_set_id": null, "secure_vm_disk_encryption_set_id": null})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["disk_encryption_set_id"]}
}

test_host if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_virtual_machine", {"encryption_at_host_enabled": false})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["encryption_at_host_enabled"]}
}

test_twice if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"name": "shop"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["infrastructure_encryption_enabled"]}
}

test_encrypted if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_database", {}), t.res("azurerm_managed_disk", {"disk_encryption_set_id": "${azurerm_disk_encryption_set.a.id}"}), t.res("azurerm_linux_virtual_machine", {"encryption_at_host_enabled": true}), t.res("azurerm_storage_account", {"infrastructure_encryption_enabled": true})])
	findings == set()
}

test_clusters if {
	kusto := t.res("azurerm_kusto_cluster", {"name": "logs"})
	aks := t.res("azurerm_kubernetes_cluster", {"default_node_pool": [{"name": "system"}]})
	hardened := t.res("azurerm_kubernetes_cluster", {"default_node_pool": [{"enable_host_encryption": true}]})
	findings := rule.finding with input as t.doc([kusto, aks, hardened])
	t.paths(findings) == {["disk_encryption_enabled"], ["default_node_pool", 0, "host_encryption_enabled"]}
}

test_unmanaged_disk if {
	findings := rule.finding with input as t.doc([t.res("azurerm_virtual_machine", {"storage_os_disk": [{"vhd_uri": "https://shop.blob.core.windows.net/vhds/os.vhd"}], "storage_data_disk": [{"managed_disk_type": "Premium_LRS"}]})])
	t.paths(findings) == {["storage_os_disk", 0, "vhd_uri"]}
}
