# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The default security group of a network lets nothing through
# description: What names no group of its own is put in the default group; rules there reach machines that nobody thought of.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 5.4 (the default security group restricts all traffic)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7(5) Deny by Default
# custom:
#   id: cloud-exposure.aws-default-security-group
#   severity: medium
#   remediation: Leave the aws_default_security_group without ingress and egress, and give everything a group of its own.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_default_security_group

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_default_security_group"})
	rules := {key | some key in ["ingress", "egress"]; count(cloud.at(i.values, [key])) > 0}
	count(rules) > 0
	f := cloud.fault(i, [min(rules)], "the default security group has rules", concat(" and ", sort([r | some r in rules])), "no rules")
}

finding contains f if {
	some i in cloud.managed({"aws_default_vpc", "aws_default_subnet"})
	f := cloud.rated(cloud.fault(i, [], "the account's default network is used", i.type, "a network of its own"), "low")
}
