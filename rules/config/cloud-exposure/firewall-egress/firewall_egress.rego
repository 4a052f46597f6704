# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Firewalls let out what is needed"
# description: "A service that reaches the whole internet on every port can send away what an intruder finds, and fetch his tools."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/207/final
#   description: "NIST SP 800-207, 3.1.2 Zero trust by micro-segmentation"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, SC-7(5) Deny by default, allow by exception"
# custom:
#   id: cloud-exposure.firewall-egress
#   severity: low
#   remediation: "Name the peers and ports that are needed, or port 443 only."
#   zeroTrust: [Z14, Z26]
#   kinds: [terraform]
package sealock.config.cloud_exposure.firewall_egress

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# What a rule lets out, and the attribute that says to whom: {item, path, block, key}.
outgoing contains {"item": i, "path": p.path, "block": p.block, "key": key} if {
	some place in [[{"azurerm_network_security_rule"}, []], [{"azurerm_network_security_group"}, ["security_rule"]]]
	some i in cloud.managed(place[0])
	some p in cloud.at(i.values, place[1])
	lower(cloud.text(object.get(p.block, "direction", ""))) == "outbound"
	lower(cloud.text(object.get(p.block, "access", ""))) == "allow"
	every_port(p.block, ["destination_port_range", "destination_port_ranges"])
	some key in ["destination_address_prefix", "destination_address_prefixes"]
}

outgoing contains {"item": i, "path": p.path, "block": p.block, "key": "destination_addresses"} if {
	some i in cloud.managed({"azurerm_firewall_network_rule_collection"})
	object.get(i.values, "action", "") == "Allow"
	some p in cloud.at(i.values, ["rule"])
	every_port(p.block, ["destination_ports"])
}

outgoing contains {"item": i, "path": array.concat(c.path, p.path), "block": p.block, "key": "destination_addresses"} if {
	some i in cloud.managed({"azurerm_firewall_policy_rule_collection_group"})
	some c in cloud.at(i.values, ["network_rule_collection"])
	object.get(c.block, "action", "") == "Allow"
	some p in cloud.at(c.block, ["rule"])
	every_port(p.block, ["destination_ports"])
}

# Without ranges Google means everybody.
outgoing contains {"item": i, "path": [], "block": object.union({"destination_ranges": ["0.0.0.0/0"]}, given), "key": "destination_ranges"} if {
	some i in cloud.managed({"google_compute_firewall"})
	upper(cloud.text(object.get(i.values, "direction", null))) == "EGRESS"
	not cloud.put_on(i.values, "disabled")
	some p in cloud.at(i.values, ["allow"])
	lower(cloud.text(object.get(p.block, "protocol", ""))) in {"all", "tcp", "udp"}
	every_port(p.block, ["ports"])
	given := {"destination_ranges": v | v := i.values.destination_ranges; v != null}
}

finding contains f if {
	some r in outgoing
	open := cloud.world(object.get(r.block, r.key, null))
	count(open) > 0
	f := cloud.fault(r.item, config.child(r.path, [r.key]), "everything may go out to everybody", sprintf("%s on all ports", [concat(", ", sort([a | some a in open]))]), "the peers and ports that are needed")
}

every_port(block, keys) if {
	every key in keys {
		cloud.unset(block, key)
	}
}

every_port(block, keys) if {
	some key in keys
	some p in cloud.list(object.get(block, key, null))
	range := cloud.port_range(p)
	range[1] - range[0] >= 60000
}
