# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.azure_key_vault_test

import data.sealock.config.cloud_encryption.azure_key_vault as rule
import data.sealock.lib.config_cloud_test as t

test_no_protection if {
	findings := rule.finding with input as t.doc([t.res("azurerm_key_vault", {"name": "shop"})])
	t.paths(findings) == {["purge_protection_enabled"]}
}

test_no_soft_delete if {
	findings := rule.finding with input as t.doc([t.res("azurerm_key_vault", {"purge_protection_enabled": true, "soft_delete_enabled": false})])
	t.paths(findings) == {["soft_delete_enabled"]}
}

test_for_ever if {
	findings := rule.finding with input as t.doc([t.res("azurerm_key_vault_secret", {"name": "a"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["expiration_date"]}
}

test_kept if {
	findings := rule.finding with input as t.doc([t.res("azurerm_key_vault", {"purge_protection_enabled": true}), t.res("azurerm_key_vault_secret", {"expiration_date": "2030-01-01T00:00:00Z"}), t.res("azurerm_key_vault_key", {"rotation_policy": [{"expire_after": "P90D"}]})])
	findings == set()
}

test_backups if {
	recovery := t.res("azurerm_recovery_services_vault", {"soft_delete_enabled": false})
	backup := t.res("azurerm_data_protection_backup_vault", {"soft_delete": "Off"})
	kept := t.res("azurerm_data_protection_backup_vault", {"soft_delete": "AlwaysOn"})
	findings := rule.finding with input as t.doc([recovery, backup, kept])
	t.paths(findings) == {["soft_delete_enabled"], ["soft_delete"]}
}

test_short_keys if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_key_vault_key", {"key_type": "RSA", "key_size": 1024, "expiration_date": "2027-01-01T00:00:00Z"}),
		t.res("azurerm_key_vault_certificate", {"certificate_policy": [{"key_properties": [{"key_type": "RSA", "key_size": 4096}]}]}),
	])
	t.paths(findings) == {["key_size"]}
}
