# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Vaults keep what was deleted, and keys in them expire
# description: Without purge protection one account can destroy the keys, and with them all that is encrypted; what never expires is never changed.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 8.1 to 8.5 (expiration of keys and secrets, recoverable vaults)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-12 Cryptographic Key Establishment and Management
# custom:
#   id: cloud-encryption.azure-key-vault
#   severity: medium
#   remediation: Set purge_protection_enabled = true and soft_delete_retention_days; give keys and secrets an expiration_date.
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.azure_key_vault

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_key_vault", "azurerm_key_vault_managed_hardware_security_module"})
	cloud.off(i.values, "purge_protection_enabled")
	f := cloud.fault(i, ["purge_protection_enabled"], "what is deleted can be destroyed at once", sprintf("purge_protection_enabled is %s", [cloud.shown(object.get(i.values, "purge_protection_enabled", null))]), "true")
}

finding contains f if {
	some i in cloud.managed({"azurerm_key_vault"})
	cloud.put_off(i.values, "soft_delete_enabled")
	f := cloud.fault(i, ["soft_delete_enabled"], "what is deleted is gone", "soft_delete_enabled = false", "true")
}

finding contains f if {
	some i in cloud.managed({"azurerm_key_vault_key", "azurerm_key_vault_secret"})
	cloud.unset(i.values, "expiration_date")
	cloud.no_blocks(i, "rotation_policy")
	f := cloud.rated(cloud.fault(i, ["expiration_date"], "it never expires", "no expiration_date", "a date, or a rotation_policy"), "low")
}

# Backups that are deleted at once are what an extortioner deletes first.
finding contains f if {
	some i in cloud.managed({"azurerm_recovery_services_vault"})
	cloud.put_off(i.values, "soft_delete_enabled")
	f := cloud.fault(i, ["soft_delete_enabled"], "backups that are deleted are gone", "soft_delete_enabled = false", "true")
}

finding contains f if {
	some i in cloud.managed({"azurerm_data_protection_backup_vault"})
	lower(cloud.text(object.get(i.values, "soft_delete", ""))) == "off"
	f := cloud.fault(i, ["soft_delete"], "backups that are deleted are gone", "soft_delete = Off", "On or AlwaysOn")
}

# Keys of RSA that are too short to last.
short(v) if cloud.number(v) < 2048

finding contains f if {
	some place in [[{"azurerm_key_vault_key", "azurerm_key_vault_managed_hardware_security_module_key"}, []], [{"azurerm_key_vault_certificate"}, ["certificate_policy", "key_properties"]]]
	some i in cloud.managed(place[0])
	some p in cloud.at(i.values, place[1])
	startswith(cloud.text(object.get(p.block, "key_type", null)), "RSA")
	size := object.get(p.block, "key_size", null)
	short(size)
	f := cloud.fault(i, array.concat(p.path, ["key_size"]), "the key is short enough to be broken", sprintf("key_size = %v", [size]), "2048 or more")
}
