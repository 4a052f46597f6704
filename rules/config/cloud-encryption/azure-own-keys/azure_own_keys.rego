# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "What Azure stores is encrypted with keys of one's own"
# description: "Azure encrypts everything with its own keys; a key of one's own has a policy, a log, and can be taken away."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 3.12 and 4.1.3 (customer-managed keys for storage and SQL)
# - ref: https://learn.microsoft.com/en-us/security/benchmark/azure/mcsb-data-protection
#   description: Microsoft cloud security benchmark, DP-5 (customer-managed keys where required)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-12 Cryptographic Key Establishment and Management
# custom:
#   id: cloud-encryption.azure-own-keys
#   severity: low
#   remediation: Set the key of an azurerm_key_vault_key with a rotation_policy (a customer_managed_key block, or the resource beside it).
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.azure_own_keys

import data.sealock.lib.config_cloud as cloud

# Where the key is named: types, attributes or blocks of which one is enough, and the resource that may name it instead.
keys := [
	[{"azurerm_storage_account"}, ["customer_managed_key"], {"azurerm_storage_account_customer_managed_key"}],
	[{"azurerm_kubernetes_cluster"}, ["disk_encryption_set_id"], set()],
	[{"azurerm_cosmosdb_account"}, ["key_vault_key_id", "managed_hsm_key_id"], set()],
	[{"azurerm_data_factory"}, ["customer_managed_key_id"], set()],
	[{"azurerm_synapse_workspace"}, ["customer_managed_key"], {"azurerm_synapse_workspace_key"}],
	[{"azurerm_cognitive_account"}, ["customer_managed_key"], {"azurerm_cognitive_account_customer_managed_key"}],
	[{"azurerm_databricks_workspace"}, ["managed_disk_cmk_key_vault_key_id", "managed_services_cmk_key_vault_key_id"], {"azurerm_databricks_workspace_root_dbfs_customer_managed_key"}],
	[{"azurerm_kusto_cluster"}, [], {"azurerm_kusto_cluster_customer_managed_key"}],
	[{"azurerm_machine_learning_workspace", "azurerm_app_configuration", "azurerm_recovery_services_vault"}, ["encryption"], set()],
]

finding contains f if {
	some k in keys
	some i in cloud.managed(k[0])
	every key in k[1] {
		cloud.unset(i.values, key)
	}
	count(cloud.companions(i, k[2], "storage_account_id")) == 0
	not ephemeral(i)
	f := cloud.fault(i, array.slice(k[1], 0, 1), "it is encrypted with a key of the provider", "no key", "a key of one's own")
}

finding contains f if {
	some i in cloud.managed({"azurerm_databricks_workspace"})
	cloud.put_off(i.values, "customer_managed_key_enabled")
	f := cloud.fault(i, ["customer_managed_key_enabled"], "it is encrypted with a key of the provider", "customer_managed_key_enabled = false", "true")
}

# Nodes that keep nothing have no disks to encrypt.
ephemeral(i) if {
	some p in cloud.at(i.values, ["default_node_pool"])
	object.get(p.block, "os_disk_type", "") == "Ephemeral"
}
