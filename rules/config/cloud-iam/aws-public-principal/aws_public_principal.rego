# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Resource and trust policies name their principals
# description: "A policy that allows everybody (Principal *) without a condition opens the bucket, queue, key or role to every AWS account, and often to people without one."
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
#   description: IAM JSON policy elements, Principal
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 2.1.4 (public access of S3)
# custom:
#   id: cloud-iam.aws-public-principal
#   severity: high
#   remediation: "Name the accounts, roles or services, or narrow the statement by aws:PrincipalOrgID, aws:SourceArn, aws:SourceAccount or aws:SourceVpce."
#   zeroTrust: [Z13, Z20]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_public_principal

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some g in cloud.offered
	meant_for_all(g) == false
	not cloud.narrowed(g.s)
	who := cloud.anyone(g.s)
	count(who) > 0
	f := cloud.rated(
		cloud.fault(
			g.item,
			cloud.part(g, "principals"),
			sprintf("the policy allows %s to everybody, without a condition that leaves few", [actions(g.s)]),
			sprintf("principal %s", [concat(", ", sort([w | some w in who]))]),
			"named principals, or a condition such as aws:PrincipalOrgID",
		),
		severity(g.s),
	)
}

finding contains f if {
	some g in cloud.offered
	count(g.s.notPrincipals) > 0
	f := cloud.fault(
		g.item,
		cloud.part(g, "not_principals"),
		"the policy allows everybody but the listed principals",
		"NotPrincipal with Allow",
		"named principals",
	)
}

finding contains f if {
	some i in cloud.managed({"aws_lambda_permission"})
	i.values.principal == "*"
	cloud.off(i.values, "principal_org_id")
	cloud.off(i.values, "source_arn")
	cloud.off(i.values, "source_account")
	object.get(i.values, "function_url_auth_type", null) != "AWS_IAM"
	f := cloud.fault(i, ["principal"], "everybody may invoke the function", "principal = \"*\"", "a service or an account, with source_arn")
}

# Registries and interfaces that are public by their nature.
meant_for_all(g) if {
	every a in g.s.actions {
		startswith(lower(a), "execute-api:")
	}
	count(g.s.actions) > 0
} else if g.item.type == "aws_ecrpublic_repository_policy"

else := false

actions(s) := concat(", ", array.slice(s.actions, 0, 4)) if {
	count(s.actions) > 0
} else := "its actions"

severity(s) := "critical" if {
	some a in s.actions
	cloud.service_wide(a)
} else := "critical" if {
	some a in s.actions
	regex.match(`(?i)^(sts:AssumeRole|kms:Decrypt|kms:\*|secretsmanager:GetSecretValue|s3:(Put|Delete)[A-Za-z*]*|ecr:PutImage)$`, a)
} else := "high"

# An address is no identity: who comes from there is not asked who they are.
finding contains f if {
	some g in cloud.offered
	meant_for_all(g) == false
	who := cloud.anyone(g.s)
	count(who) > 0
	conditions := {lower(c.variable) | some c in g.s.conditions; cloud.narrows(c)}
	conditions == {"aws:sourceip"}
	f := cloud.rated(
		cloud.fault(
			g.item,
			cloud.part(g, "principals"),
			sprintf("the policy allows %s to everybody at some addresses, who need not say who they are", [actions(g.s)]),
			"aws:SourceIp is the only condition",
			"named principals, or a condition such as aws:PrincipalOrgID",
		),
		at_addresses(g.s),
	)
}

at_addresses(s) := "medium" if {
	some a in s.actions
	regex.match(`(?i)^\*|:\*|:(put|delete|send|publish|write|update|set|create)`, a)
} else := "low"

# What is shared by a resource of its own instead of a policy: the type and what narrows it.
shared := [["aws_lambda_layer_version_permission", "organization_id", "use the layer"], ["aws_cloudwatch_event_permission", "condition", "send events"]]

finding contains f if {
	some w in shared
	some i in cloud.managed({w[0]})
	i.values.principal == "*"
	cloud.unset(i.values, w[1])
	f := cloud.rated(cloud.fault(i, ["principal"], sprintf("everybody may %s", [w[2]]), "principal = \"*\"", sprintf("an account, or %s", [w[1]])), "medium")
}
