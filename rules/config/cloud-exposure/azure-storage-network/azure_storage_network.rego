# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Storage accounts and key vaults let in named networks only
# description: "By default the service's address answers the whole internet, and one leaked key or token is enough."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 3.8 (default network access rule for storage accounts is deny)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7(5) Deny by Default
# custom:
#   id: cloud-exposure.azure-storage-network
#   severity: medium
#   remediation: "Set network_rules (network_acls of a key vault) with default_action = \"Deny\", or public_network_access_enabled = false with a private endpoint."
#   zeroTrust: [Z14, Z20]
#   kinds: [terraform]
package sealock.config.cloud_exposure.azure_storage_network

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_storage_account"})
	not cloud.put_off(i.values, "public_network_access_enabled")
	cloud.no_blocks(i, "network_rules")
	count(cloud.companions(i, {"azurerm_storage_account_network_rules"}, "storage_account_name")) == 0
	f := cloud.fault(i, ["network_rules"], "every network reaches the storage account", "no network_rules", "default_action = \"Deny\"")
}

finding contains f if {
	some i in cloud.managed({"azurerm_key_vault"})
	not cloud.put_off(i.values, "public_network_access_enabled")
	cloud.no_blocks(i, "network_acls")
	f := cloud.fault(i, ["network_acls"], "every network reaches the key vault", "no network_acls", "default_action = \"Deny\"")
}

# Where the block says it: type and blocks.
places := [
	[{"azurerm_storage_account"}, ["network_rules"]],
	[{"azurerm_storage_account_network_rules"}, []],
	[{"azurerm_key_vault", "azurerm_cognitive_account"}, ["network_acls"]],
]

finding contains f if {
	some place in places
	some i in cloud.managed(place[0])
	not cloud.put_off(i.values, "public_network_access_enabled")
	some p in cloud.at(i.values, place[1])
	object.get(p.block, "default_action", "") == "Allow"
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["default_action"]), "every network is let in", "default_action = Allow", "Deny"), "high")
}

finding contains f if {
	some place in places
	some i in cloud.managed(place[0])
	some p in cloud.at(i.values, place[1])
	open := cloud.world(object.get(p.block, "ip_rules", null))
	count(open) > 0
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["ip_rules"]), "every network is let in", concat(", ", sort([a | some a in open])), "ranges of one's own"), "high")
}

# The first generation of data lakes has a firewall that can be put off.
finding contains f if {
	some i in cloud.managed({"azurerm_data_lake_store"})
	object.get(i.values, "firewall_state", "") == "Disabled"
	f := cloud.fault(i, ["firewall_state"], "every network reaches the store", "firewall_state = Disabled", "Enabled")
}
