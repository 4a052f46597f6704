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

# A policy of a resource that gives whole services away. A key's policy has to name its own account so, and what everybody may do is another rule's.
finding contains f if {
	some g in cloud.offered
	wide := [a | some a in g.s.actions; cloud.service_wide(a); lower(a) != "kms:*"]
	count(wide) > 0
	not open_to_all(g.s)
	not cloud.of_identity(g.item)
	not own_account(g.s)
	f := cloud.rated(
		cloud.fault(
			g.item,
			cloud.part(g, "actions"),
			sprintf("the policy gives every action of %s to those it names", [concat(", ", [service(a) | some a in wide])]),
			sprintf("actions %s", [json.marshal(wide)]),
			"the actions that are needed",
		),
		"medium",
	)
}

open_to_all(s) if {
	count(cloud.anyone(s)) > 0
	not cloud.narrowed(s)
}

own_account(s) if {
	count(s.principals) > 0
	every p in s.principals {
		p.type == "AWS"
		every v in p.identifiers {
			regex.match(`^arn:[^:]*:iam::[^:]*:root$`, cloud.known_text(v))
		}
	}
}
