# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Security groups let the internet in on web ports only
# description: What everybody can reach is found and tried within minutes; administration and databases are what is looked for.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: "CIS Amazon Web Services Foundations Benchmark 3.0, 5.2 and 5.3 (no ingress from 0.0.0.0/0 and ::/0 to administration ports)"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.aws-security-groups
#   severity: high
#   remediation: "Name the peer's security group or address range; people come in by a VPN, Session Manager or a bastion."
#   zeroTrust: [Z14, Z20]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_security_groups

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Every way to write a rule for what comes in: {item, path, block, from, to} with the keys of the addresses.
incoming contains {"item": i, "path": p.path, "block": p.block, "protocol": "protocol"} if {
	some i in cloud.managed({"aws_security_group", "aws_default_security_group"})
	some p in cloud.at(i.values, ["ingress"])
}

incoming contains {"item": i, "path": [], "block": i.values, "protocol": "protocol"} if {
	some i in cloud.managed({"aws_security_group_rule"})
	i.values.type == "ingress"
}

incoming contains {"item": i, "path": [], "block": i.values, "protocol": "ip_protocol"} if {
	some i in cloud.managed({"aws_vpc_security_group_ingress_rule"})
}

finding contains f if {
	some r in incoming
	some key in ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"]
	open := cloud.world(object.get(r.block, key, null))
	count(open) > 0
	first_of(r.block, key)
	reach := cloud.reach([range(r.block, r.protocol)])
	f := cloud.rated(
		cloud.fault(
			r.item,
			config.child(r.path, [key]),
			sprintf("everybody reaches %s", [reach.what]),
			sprintf("%s = %s", [key, concat(", ", sort([a | some a in open]))]),
			"the peers' groups or address ranges",
		),
		reach.severity,
	)
}

# A rule that has both kinds of addresses is one fault.
first_of(_, key) if key in {"cidr_blocks", "cidr_ipv4"}

first_of(block, "ipv6_cidr_blocks") if count(cloud.world(object.get(block, "cidr_blocks", null))) == 0

first_of(block, "cidr_ipv6") if count(cloud.world(object.get(block, "cidr_ipv4", null))) == 0

range(block, key) := [0, 65535] if every_protocol(block, key)

range(block, key) := [cloud.number(block.from_port), cloud.number(block.to_port)] if {
	not every_protocol(block, key)
	not icmp(block, key)
}

every_protocol(block, key) if object.get(block, key, "-1") in {"-1", "all", -1}

every_protocol(block, key) if {
	not icmp(block, key)
	cloud.number(object.get(block, "from_port", null)) == -1
}

icmp(block, key) if lower(sprintf("%v", [object.get(block, key, "")])) in {"icmp", "icmpv6", "1", "58"}

# Groups of the old kind have no ports: they stand before databases.
finding contains f if {
	some i in cloud.managed({"aws_db_security_group", "aws_redshift_security_group"})
	some p in cloud.at(i.values, ["ingress"])
	some a in cloud.world(object.get(p.block, "cidr", null))
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["cidr"]), "everybody reaches the database", sprintf("cidr = %s", [a]), "the peers' groups or address ranges"), "critical")
}

finding contains f if {
	some i in cloud.managed({"aws_db_security_group", "aws_redshift_security_group"})
	some p in cloud.at(i.values, ["ingress"])
	range := cloud.text(object.get(p.block, "cidr", null))
	regex.match(`^[0-9.]+/([89]|1[0-5])$`, range)
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["cidr"]), "a very wide range of addresses reaches the database", sprintf("cidr = %s", [range]), "the peers' groups or address ranges"), "medium")
}

# Plain HTTP is let in, and nothing in the module sends it on to HTTPS.
finding contains f if {
	some r in incoming
	some key in ["cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6"]
	count(cloud.world(object.get(r.block, key, null))) > 0
	first_of(r.block, key)
	range(r.block, r.protocol) == [80, 80]
	not r.item.module in redirecting
	f := cloud.rated(cloud.fault(r.item, config.child(r.path, [key]), "everybody reaches port 80 (plain HTTP)", "port 80", "port 443, or a listener that redirects to it"), "low")
}

redirecting contains i.module if {
	some i in cloud.managed({"aws_lb_listener", "aws_alb_listener"})
	some p in cloud.at(i.values, ["default_action", "redirect"])
	object.get(p.block, "protocol", "") == "HTTPS"
}

# Machines of a node group take SSH from everybody where a key is named and no group.
finding contains f if {
	some i in cloud.managed({"aws_eks_node_group"})
	some p in cloud.at(i.values, ["remote_access"])
	not cloud.unset(p.block, "ec2_ssh_key")
	cloud.unset(p.block, "source_security_group_ids")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["source_security_group_ids"]), "everybody reaches port 22 (SSH) of the nodes", "ec2_ssh_key without source_security_group_ids", "source_security_group_ids, or no remote_access"), "high")
}

# A peer gets all traffic.
finding contains f if {
	some i in cloud.managed({"aws_route_table", "aws_default_route_table"})
	some p in cloud.at(i.values, ["route"])
	not cloud.unset(p.block, "vpc_peering_connection_id")
	some key in ["cidr_block", "ipv6_cidr_block"]
	some a in cloud.world(object.get(p.block, key, null))
	f := cloud.rated(cloud.fault(i, config.child(p.path, [key]), "the whole traffic is routed to the peered network", sprintf("%s = %s", [key, a]), "the ranges that are needed"), "medium")
}

finding contains f if {
	some i in cloud.managed({"aws_route"})
	not cloud.unset(i.values, "vpc_peering_connection_id")
	some key in ["destination_cidr_block", "destination_ipv6_cidr_block"]
	some a in cloud.world(object.get(i.values, key, null))
	f := cloud.rated(cloud.fault(i, [key], "the whole traffic is routed to the peered network", sprintf("%s = %s", [key, a]), "the ranges that are needed"), "medium")
}

# Lightsail opens a port to everybody unless addresses are given.
finding contains f if {
	some i in cloud.managed({"aws_lightsail_instance_public_ports"})
	some p in cloud.at(i.values, ["port_info"])
	open_port(p.block)
	reach := cloud.reach([lightsail_range(p.block)])
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["cidrs"]), sprintf("everybody reaches %s", [reach.what]), sprintf("cidrs is %s", [cloud.shown(object.get(p.block, "cidrs", null))]), "the peers' address ranges"), reach.severity)
}

open_port(block) if {
	every key in ["cidrs", "ipv6_cidrs", "cidr_list_aliases"] {
		cloud.unset(block, key)
	}
}

open_port(block) if {
	some key in ["cidrs", "ipv6_cidrs"]
	count(cloud.world(object.get(block, key, null))) > 0
}

lightsail_range(block) := [0, 65535] if {
	object.get(block, "protocol", "") == "all"
} else := [cloud.number(block.from_port), cloud.number(block.to_port)] if object.get(block, "protocol", "") != "icmp"
