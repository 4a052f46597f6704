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
