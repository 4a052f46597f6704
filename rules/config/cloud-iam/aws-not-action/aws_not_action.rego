# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Allow statements say what is allowed, not what isn't"
# description: NotAction and NotResource with Allow permit all that is not listed, in services that nobody had in mind when it was written.
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html
#   description: IAM JSON policy elements, NotAction with Allow
# custom:
#   id: cloud-iam.aws-not-action
#   severity: high
#   remediation: List the actions and resources that are needed, or make it a Deny.
#   zeroTrust: [Z13, Z20]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_not_action

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some g in cloud.grants
	count(g.s.notActions) > 0
	f := cloud.fault(
		g.item,
		cloud.part(g, "not_actions"),
		"the policy allows every action but the listed ones",
		sprintf("all actions except %s", [json.marshal(g.s.notActions)]),
		"a list of actions",
	)
}

finding contains f if {
	some g in cloud.grants
	count(g.s.notActions) == 0
	count(g.s.notResources) > 0
	f := cloud.fault(
		g.item,
		cloud.part(g, "not_resources"),
		"the policy allows its actions on every resource but the listed ones",
		sprintf("all resources except %s", [json.marshal(g.s.notResources)]),
		"a list of resources",
	)
}
