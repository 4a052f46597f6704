# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Roles that other accounts assume ask for more than an account
# description: "Trust in an account is trust in everybody there who may call sts:AssumeRole; a third party without an external id can be talked into using it for somebody else."
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html
#   description: Access to AWS accounts owned by third parties
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.aws-cross-account-trust
#   severity: low
#   remediation: "Name the role of the other account; for a third party set the condition sts:ExternalId, in an organisation aws:PrincipalOrgID."
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_cross_account_trust

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some g in cloud.offered
	some a in g.s.actions
	lower(a) in {"sts:assumerole", "sts:*"}
	not cloud.narrowed(g.s)
	not with_second_factor(g.s)
	whole := sort([v | some p in g.s.principals; p.type == "AWS"; some v in p.identifiers; account(v)])
	count(whole) > 0
	f := cloud.fault(
		g.item,
		cloud.part(g, "principals"),
		"everybody in another account who may assume roles may assume this one",
		sprintf("principal %s", [concat(", ", whole)]),
		"a role of that account, or the condition sts:ExternalId",
	)
}

account(v) if regex.match(`^([0-9]{12}|arn:[^:]*:iam::[0-9]{12}:root)$`, v)

with_second_factor(s) if {
	some c in s.conditions
	lower(c.variable) in {"aws:multifactorauthpresent", "aws:multifactorauthage"}
}
