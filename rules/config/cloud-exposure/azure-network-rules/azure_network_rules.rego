# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Network security groups let the internet in on web ports only
# description: What everybody can reach is found and tried within minutes; administration and databases are what is looked for.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 6.1 to 6.4 (RDP, SSH, UDP and HTTP access from the internet)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.azure-network-rules
#   severity: high
#   remediation: "Set source_address_prefix to the peers' ranges or an application security group; people come in by Azure Bastion."
#   zeroTrust: [Z14, Z20]
#   kinds: [terraform]
package sealock.config.cloud_exposure.azure_network_rules

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

rules contains {"item": i, "path": [], "block": i.values} if {
	some i in cloud.managed({"azurerm_network_security_rule"})
}

rules contains {"item": i, "path": p.path, "block": p.block} if {
	some i in cloud.managed({"azurerm_network_security_group"})
	some p in cloud.at(i.values, ["security_rule"])
}

finding contains f if {
	some r in rules
	lower(cloud.text(object.get(r.block, "direction", ""))) == "inbound"
	lower(cloud.text(object.get(r.block, "access", ""))) == "allow"
	lower(cloud.text(cloud.get(r.block, "protocol", "*"))) != "icmp"
	key := [k | some k in ["source_address_prefix", "source_address_prefixes"]; count(cloud.world(object.get(r.block, k, null))) > 0][0]
	reach := cloud.reach(ranges(r.block, ["destination_port_range", "destination_port_ranges"]))
	f := cloud.rated(
		cloud.fault(
			r.item,
			config.child(r.path, [key]),
			sprintf("everybody reaches %s", [reach.what]),
			sprintf("%s = %s", [key, concat(", ", sort([a | some a in cloud.world(r.block[key])]))]),
			"the peers' ranges or groups",
		),
		reach.severity,
	)
}

# Addresses that a firewall passes on to machines behind it: types and blocks.
passed_on := [
	[{"azurerm_firewall_nat_rule_collection"}, ["rule"]],
	[{"azurerm_firewall_policy_rule_collection_group"}, ["nat_rule_collection", "rule"]],
]

finding contains f if {
	some place in passed_on
	some i in cloud.managed(place[0])
	some p in cloud.at(i.values, place[1])
	open := cloud.world(object.get(p.block, "source_addresses", null))
	count(open) > 0
	reach := cloud.reach(ranges(p.block, ["destination_ports", "translated_port"]))
	f := cloud.rated(
		cloud.fault(
			i,
			config.child(p.path, ["source_addresses"]),
			sprintf("everybody reaches %s behind the firewall", [reach.what]),
			concat(", ", sort([a | some a in open])),
			"the peers' ranges",
		),
		reach.severity,
	)
}

# Ports are given one by one, as ranges, and as lists in text. Where none are given, all are meant.
ranges(block, keys) := [[0, 65535]] if {
	every k in keys {
		object.get(block, k, null) == null
	}
} else := [cloud.port_range(trim_space(p)) |
	some k in keys
	some v in cloud.list(object.get(block, k, null))
	some p in split(sprintf("%v", [v]), ",")
]

# A subnet that is written in its network has its group there, or none.
finding contains f if {
	some i in cloud.managed({"azurerm_virtual_network"})
	some p in cloud.at(i.values, ["subnet"])
	cloud.unset(p.block, "security_group")
	not cloud.text(object.get(p.block, "name", "")) in {"GatewaySubnet", "AzureFirewallSubnet", "AzureFirewallManagementSubnet", "RouteServerSubnet", "AzureBastionSubnet"}
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["security_group"]), "nothing holds traffic back between the subnet and others", "no security_group", "a network security group"), "low")
}
