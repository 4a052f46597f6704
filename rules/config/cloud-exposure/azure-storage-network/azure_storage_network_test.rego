# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_storage_network_test

import data.sealock.config.cloud_exposure.azure_storage_network as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"name": "shop"})])
	t.paths(findings) == {["network_rules"]}
}

test_allow if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"network_rules": [{"default_action": "Allow"}]})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["network_rules", 0, "default_action"]}
}

test_vault if {
	findings := rule.finding with input as t.doc([t.res("azurerm_key_vault", {"network_acls": [{"default_action": "Allow", "bypass": "AzureServices"}]})])
	t.paths(findings) == {["network_acls", 0, "default_action"]}
}

test_vault_without if {
	findings := rule.finding with input as t.doc([t.planned("azurerm_key_vault", {"network_acls": []})])
	t.paths(findings) == {["network_acls"]}
}

test_deny if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"network_rules": [{"default_action": "Deny"}]}), t.res("azurerm_key_vault", {"network_acls": [{"default_action": "Deny"}]})])
	findings == set()
}

test_elsewhere if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"name": "shop"}), t.res_refs("azurerm_storage_account_network_rules", {"default_action": "Deny"}, ["azurerm_storage_account.this"])])
	findings == set()
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"public_network_access_enabled": false}), t.res("azurerm_key_vault", {"public_network_access_enabled": "false"})])
	findings == set()
}

test_every_address if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"network_rules": [{"default_action": "Deny", "ip_rules": ["203.0.113.7", "0.0.0.0/0"]}]})])
	t.paths(findings) == {["network_rules", 0, "ip_rules"]}
	t.severities(findings) == {"high"}
}

test_data_lake if {
	findings := rule.finding with input as t.doc([t.res("azurerm_data_lake_store", {"firewall_state": "Disabled"}), t.res("azurerm_data_lake_store", {"firewall_state": "Enabled"})])
	t.paths(findings) == {["firewall_state"]}
}
