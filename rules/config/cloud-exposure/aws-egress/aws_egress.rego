# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Security groups let out what is needed"
# description: "A service that reaches the whole internet on every port can send away what an intruder finds, and fetch his tools."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/207/final
#   description: "NIST SP 800-207, 3.1.2 Zero trust by micro-segmentation"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, SC-7(5) Deny by default, allow by exception"
# custom:
#   id: cloud-exposure.aws-egress
#   severity: low
#   remediation: "Name the peers' groups, prefix lists of endpoints, or port 443 only."
#   zeroTrust: [Z14, Z26]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_egress

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# What goes out: {item, path, block, protocol}.
outgoing contains {"item": i, "path": p.path, "block": p.block, "protocol": "protocol"} if {
	some i in cloud.managed({"aws_security_group", "aws_default_security_group"})
	some p in cloud.at(i.values, ["egress"])
}

outgoing contains {"item": i, "path": [], "block": i.values, "protocol": "protocol"} if {
	some i in cloud.managed({"aws_security_group_rule"})
	i.values.type == "egress"
}

outgoing contains {"item": i, "path": [], "block": i.values, "protocol": "ip_protocol"} if {
	some i in cloud.managed({"aws_vpc_security_group_egress_rule"})
}

finding contains f if {
	some r in outgoing
	keys := [k | some k in ["cidr_blocks", "cidr_ipv4", "ipv6_cidr_blocks", "cidr_ipv6"]; count(cloud.world(object.get(r.block, k, null))) > 0]
	count(keys) > 0
	all_ports(r.block, r.protocol)
	f := cloud.fault(r.item, config.child(r.path, [keys[0]]), "everything may go out to everybody", sprintf("%s on all ports", [keys[0]]), "the peers and ports that are needed")
}

all_ports(block, key) if object.get(block, key, "-1") in {"-1", "all", -1}

all_ports(block, _) if cloud.number(object.get(block, "to_port", null)) - cloud.number(object.get(block, "from_port", null)) >= 60000
