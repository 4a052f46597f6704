# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Firewalls of other clouds let the internet in on web ports only
# description: What everybody can reach is found and tried within minutes; administration and databases are what is looked for.
# related_resources:
# - ref: https://www.cisecurity.org/controls
#   description: CIS Critical Security Controls 8, 4.4 and 12.2 (firewalls on servers, secure network architecture)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.other-firewalls
#   severity: high
#   remediation: Name the peers' ranges as source; people come in by a VPN or a bastion host.
#   zeroTrust: [Z14, Z20]
#   kinds: [terraform]
package sealock.config.cloud_exposure.other_firewalls

import data.sealock.lib.config_cloud as cloud

# How each of them writes a rule: its blocks, the sources, the ports (one attribute, or from and to), and what makes it a rule for traffic
# that comes in and is let through: attribute and values, of which every one that is given has to fit.
kinds := {
	"digitalocean_firewall": {"blocks": ["inbound_rule"], "sources": ["source_addresses"], "ports": "port_range", "only": {}},
	"hcloud_firewall": {"blocks": ["rule"], "sources": ["source_ips"], "ports": "port", "only": {"direction": {"in"}}},
	"linode_firewall": {"blocks": ["inbound"], "sources": ["ipv4", "ipv6"], "ports": "ports", "only": {"action": {"accept"}}},
	"vultr_firewall_rule": {"blocks": [], "sources": ["source", "subnet"], "ports": "port", "only": {}},
	"scaleway_instance_security_group": {"blocks": ["inbound_rule"], "sources": ["ip_range", "ip"], "ports": "port_range", "only": {"action": {"accept"}}},
	"alicloud_security_group_rule": {"blocks": [], "sources": ["cidr_ip", "ipv6_cidr_ip"], "ports": "port_range", "only": {"type": {"ingress"}, "policy": {"accept"}}},
	"nifcloud_security_group_rule": {"blocks": [], "sources": ["cidr_ip"], "from": ["from_port"], "to": ["to_port"], "only": {"type": {"in"}}},
	"nifcloud_db_security_group": {"blocks": ["rule"], "sources": ["cidr_ip"], "from": [], "to": [], "only": {}},
	"nifcloud_nas_security_group": {"blocks": ["rule"], "sources": ["cidr_ip"], "from": [], "to": [], "only": {}},
	"alicloud_db_instance": {"blocks": [], "sources": ["security_ips"], "from": [], "to": [], "only": {}},
	"openstack_networking_secgroup_rule_v2": {"blocks": [], "sources": ["remote_ip_prefix"], "from": ["port_range_min"], "to": ["port_range_max"], "only": {"direction": {"ingress"}}},
	"openstack_compute_secgroup_v2": {"blocks": ["rule"], "sources": ["cidr"], "from": ["from_port"], "to": ["to_port"], "only": {}},
	"exoscale_security_group_rule": {"blocks": [], "sources": ["cidr"], "from": ["start_port"], "to": ["end_port"], "only": {"type": {"ingress"}}},
	"yandex_vpc_security_group": {"blocks": ["ingress"], "sources": ["v4_cidr_blocks", "v6_cidr_blocks"], "from": ["from_port", "port"], "to": ["to_port", "port"], "only": {}},
	"cloudstack_network_acl_rule": {"blocks": ["rule"], "sources": ["cidr_list"], "ports": "ports", "only": {"action": {"allow"}, "traffic_type": {"ingress"}}},
	"cloudstack_firewall": {"blocks": ["rule"], "sources": ["cidr_list"], "ports": "ports", "only": {}},
	"tencentcloud_security_group_rule": {"blocks": [], "sources": ["cidr_ip"], "ports": "port_range", "only": {"type": {"ingress"}, "policy": {"accept"}}},
}

finding contains f if {
	some type, kind in kinds
	some i in cloud.managed({type})
	some p in cloud.at(i.values, kind.blocks)
	every key, values in kind.only {
		lower(cloud.text(cloud.get(p.block, key, values[_]))) in values
	}
	not lower(cloud.text(object.get(p.block, "protocol", ""))) in {"icmp", "icmpv6", "ipv6-icmp"}
	some key in kind.sources
	open := cloud.world(object.get(p.block, key, null))
	count(open) > 0
	reach := cloud.reach(ports(p.block, kind))
	f := fault(i, array.concat(p.path, [key]), reach, open)
}

# Security lists of Oracle have the ports in a block of their protocol.
lists := [
	[{"oci_core_security_list", "oci_core_default_security_list"}, ["ingress_security_rules"]],
	[{"oci_core_network_security_group_security_rule"}, []],
]

finding contains f if {
	some l in lists
	some i in cloud.managed(l[0])
	some p in cloud.at(i.values, l[1])
	object.get(p.block, "direction", "INGRESS") == "INGRESS"
	not sprintf("%v", [object.get(p.block, "protocol", "all")]) in {"1", "58"}
	open := cloud.world(object.get(p.block, "source", null))
	count(open) > 0
	reach := cloud.reach(oracle(p.block))
	f := fault(i, array.concat(p.path, ["source"]), reach, open)
}

oracle(block) := [[cloud.number(object.get(r.block, "min", 0)), cloud.number(object.get(r.block, "max", 65535))] |
	some names in [["tcp_options"], ["udp_options"], ["tcp_options", "destination_port_range"], ["udp_options", "destination_port_range"]]
	some r in cloud.at(block, names)
	object.get(r.block, "max", null) != null
] if {
	count(array.concat(cloud.at(block, ["tcp_options"]), cloud.at(block, ["udp_options"]))) > 0
} else := [[0, 65535]]

# A rule of OpenStack's firewall without a source is for everybody.
finding contains f if {
	some i in cloud.managed({"openstack_fw_rule_v1", "openstack_fw_rule_v2"})
	lower(cloud.text(object.get(i.values, "action", ""))) == "allow"
	not cloud.put_off(i.values, "enabled")
	source := cloud.get(i.values, "source_ip_address", "0.0.0.0/0")
	count(cloud.world(source)) > 0
	reach := cloud.reach([range(lower(sprintf("%v", [cloud.get(i.values, "destination_port", "all")])))])
	f := fault(i, ["source_ip_address"], reach, {source})
}

fault(i, path, reach, open) := cloud.rated(
	cloud.fault(i, path, sprintf("everybody reaches %s", [reach.what]), concat(", ", sort([a | some a in open])), "the peers' ranges"),
	reach.severity,
)

# All ports, where none is said.
ports(block, kind) := [range(p) |
	some v in cloud.list(object.get(block, kind.ports, "all"))
	some part in split(sprintf("%v", [v]), ",")
	p := lower(trim_space(part))
] if {
	kind.ports
} else := [[0, 65535]] if {
	every key in array.concat(kind.from, kind.to) {
		object.get(block, key, null) in {null, 0}
	}
} else := [[first(block, kind.from), first(block, kind.to)]]

first(block, keys) := [cloud.number(block[key]) | some key in keys; object.get(block, key, null) != null][0]

range(p) := [0, 65535] if {
	p in {"all", "any", "", "-1/-1", "*"}
} else := [to_number(ends[0]), to_number(ends[count(ends) - 1])] if {
	regex.match(`^[0-9]{1,5}([-:/][0-9]{1,5})?$`, p)
	ends := regex.split(`[-:/]`, p)
}
