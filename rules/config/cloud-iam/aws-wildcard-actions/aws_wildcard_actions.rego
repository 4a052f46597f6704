# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Policies name their actions
# description: "With a wildcard for all of a service's actions a policy also allows what nobody thought of: deleting, changing permissions, and whatever the service learns later."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
#   description: AWS IAM best practices, apply least-privilege permissions
# custom:
#   id: cloud-iam.aws-wildcard-actions
#   severity: high
#   remediation: "Replace the wildcard by the actions that are called; a prefix of reads such as s3:Get* is accepted."
#   zeroTrust: [Z13, Z20]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_wildcard_actions

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some g in cloud.grants
	wide := [a | some a in g.s.actions; cloud.service_wide(a)]
	count(wide) > 0
	not admin(g.s)
	f := cloud.rated(
		cloud.fault(
			g.item,
			cloud.part(g, "actions"),
			sprintf("the policy allows every action of %s", [concat(", ", [service(a) | some a in wide])]),
			sprintf("actions %s on %s", [json.marshal(wide), json.marshal(g.s.resources)]),
			"the actions that are needed",
		),
		severity(g.s, wide),
	)
}

# That is a finding of aws-admin-policy.
admin(s) if {
	some a in s.actions
	a in {"*", "*:*"}
	"*" in s.resources
}

service(a) := "all services" if {
	a in {"*", "*:*"}
} else := split(a, ":")[0]

severity(s, _) := "high" if cloud.everything(s.resources)

else := "high" if {
	some a in s.actions
	a in {"*", "*:*"}
} else := "medium"
