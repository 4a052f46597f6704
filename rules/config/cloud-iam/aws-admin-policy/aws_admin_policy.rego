# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No policy allows every action on everything
# description: "A policy that allows * on * makes whoever holds it an administrator of the account: one stolen session is the whole account."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 1.16 (no policies with full administrative privileges)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.aws-admin-policy
#   severity: critical
#   remediation: List the actions that are called, and the ARNs that they are called on.
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_admin_policy

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some g in cloud.grants
	some action in g.s.actions
	action in {"*", "*:*"}
	"*" in g.s.resources
	f := cloud.rated(
		cloud.fault(
			g.item,
			cloud.part(g, "actions"),
			"the policy allows every action on every resource",
			sprintf("actions %s on %s", [json.marshal(g.s.actions), json.marshal(g.s.resources)]),
			"the actions and resources that are needed",
		),
		severity(g.s),
	)
}

# A condition leaves some of it, yet seldom little.
severity(s) := "high" if count(s.conditions) > 0

else := "critical"
