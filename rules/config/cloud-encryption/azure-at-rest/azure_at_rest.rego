# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Disks and databases are encrypted
# description: Disks, snapshots and backups that are copied are readable if they are not encrypted.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 4.1.5 and 7.2 to 7.4 (data encryption of SQL databases and disks)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-28(1) Cryptographic Protection of information at rest
# custom:
#   id: cloud-encryption.azure-at-rest
#   severity: high
#   remediation: Leave transparent_data_encryption_enabled on, set encryption_at_host_enabled = true and a disk_encryption_set_id.
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.azure_at_rest

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_mssql_database", "azurerm_sql_database", "azurerm_synapse_sql_pool"})
	some key in ["transparent_data_encryption_enabled", "data_encrypted"]
	cloud.put_off(i.values, key)
	f := cloud.fault(i, [key], "the database is not encrypted at rest", sprintf("%s = false", [key]), "true")
}

finding contains f if {
	some i in cloud.managed({"azurerm_managed_disk"})
	some p in cloud.at(i.values, ["encryption_settings"])
	cloud.put_off(p.block, "enabled")
	f := cloud.fault(i, config.child(p.path, ["enabled"]), "the disk is not encrypted", "enabled = false", "true")
}

finding contains f if {
	some i in cloud.managed({"azurerm_managed_disk"})
	cloud.no_blocks(i, "encryption_settings")
	cloud.unset(i.values, "disk_encryption_set_id")
	cloud.unset(i.values, "secure_vm_disk_encryption_set_id")
	f := cloud.rated(cloud.fault(i, ["disk_encryption_set_id"], "the disk is encrypted with a key of the provider", "no disk_encryption_set_id", "a key of one's own"), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_linux_virtual_machine", "azurerm_windows_virtual_machine", "azurerm_linux_virtual_machine_scale_set", "azurerm_windows_virtual_machine_scale_set"})
	cloud.off(i.values, "encryption_at_host_enabled")
	f := cloud.rated(cloud.fault(i, ["encryption_at_host_enabled"], "caches and temporary disks of the machine are not encrypted", sprintf("encryption_at_host_enabled is %s", [cloud.shown(object.get(i.values, "encryption_at_host_enabled", null))]), "true"), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_storage_account", "azurerm_postgresql_server", "azurerm_mysql_server"})
	cloud.off(i.values, "infrastructure_encryption_enabled")
	f := cloud.rated(cloud.fault(i, ["infrastructure_encryption_enabled"], "data is encrypted once", sprintf("infrastructure_encryption_enabled is %s", [cloud.shown(object.get(i.values, "infrastructure_encryption_enabled", null))]), "true"), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_data_lake_store"})
	object.get(i.values, "encryption_state", "") == "Disabled"
	f := cloud.fault(i, ["encryption_state"], "the store is not encrypted at rest", "Disabled", "Enabled")
}

finding contains f if {
	some i in cloud.managed({"azurerm_automation_variable_string", "azurerm_automation_variable_int", "azurerm_automation_variable_bool", "azurerm_automation_variable_datetime"})
	cloud.off(i.values, "encrypted")
	f := cloud.rated(cloud.fault(i, ["encrypted"], "the variable is not encrypted", sprintf("encrypted is %s", [cloud.shown(object.get(i.values, "encrypted", null))]), "true"), "medium")
}

finding contains f if {
	some i in cloud.managed({"azurerm_kusto_cluster"})
	every key in ["disk_encryption_enabled", "enable_disk_encryption"] {
		cloud.off(i.values, key)
	}
	f := cloud.rated(cloud.fault(i, ["disk_encryption_enabled"], "disks of the cluster are not encrypted", "disk_encryption_enabled is off", "true"), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_kubernetes_cluster"})
	some p in cloud.at(i.values, ["default_node_pool"])
	every key in ["host_encryption_enabled", "enable_host_encryption"] {
		cloud.off(p.block, key)
	}
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["host_encryption_enabled"]), "caches and temporary disks of the nodes are not encrypted", "host_encryption_enabled is off", "true"), "low")
}

# Disks that are files in a storage account have neither the key nor the access control of disks.
finding contains f if {
	some i in cloud.managed({"azurerm_virtual_machine", "azurerm_virtual_machine_scale_set"})
	some name in ["storage_os_disk", "storage_data_disk", "storage_profile_os_disk"]
	some p in cloud.at(i.values, [name])
	some key in ["vhd_uri", "vhd_containers"]
	not cloud.unset(p.block, key)
	f := cloud.rated(cloud.fault(i, config.child(p.path, [key]), "the disk is a file in a storage account", sprintf("%s is set", [key]), "a managed disk"), "low")
}
