# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Network access lists let the internet in on web ports only
# description: "A network's access list is the second lock behind the security groups; one that lets everything in is none."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 5.1 (no ingress from 0.0.0.0/0 to administration ports in network ACLs)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.aws-network-acls
#   severity: medium
#   remediation: "Allow the peers' address ranges and the ports that they use."
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_network_acls

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

entries contains {"item": i, "path": [], "block": i.values, "action": "rule_action"} if {
	some i in cloud.managed({"aws_network_acl_rule"})
	not cloud.put_on(i.values, "egress")
}

entries contains {"item": i, "path": p.path, "block": p.block, "action": "action"} if {
	some i in cloud.managed({"aws_network_acl", "aws_default_network_acl"})
	some p in cloud.at(i.values, ["ingress"])
}

finding contains f if {
	some e in entries
	lower(cloud.text(object.get(e.block, e.action, ""))) == "allow"
	some key in ["cidr_block", "ipv6_cidr_block"]
	some a in cloud.world(object.get(e.block, key, null))
	reach := cloud.reach([range(e.block)])
	reach.severity == "critical"
	f := cloud.fault(e.item, config.child(e.path, [key]), sprintf("everybody reaches %s", [reach.what]), sprintf("%s = %s", [key, a]), "the peers' address ranges")
}

range(block) := [0, 65535] if any_protocol(block)

range(block) := [cloud.number(block.from_port), cloud.number(block.to_port)] if {
	not any_protocol(block)
}

any_protocol(block) if object.get(block, "protocol", null) in {"-1", "all", -1}
