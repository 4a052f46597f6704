# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No policy lets its holder raise their own rights
# description: These actions let whoever has them attach policies, make keys for other users or change who may assume a role, and so become administrator.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 1.16 (no policies with full administrative privileges)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6(10) Prohibit Non-privileged Users from Executing Privileged Functions
# - ref: https://attack.mitre.org/techniques/T1098/003/
#   description: "MITRE ATT&CK T1098.003, additional cloud roles"
# custom:
#   id: cloud-iam.aws-privilege-escalation
#   severity: high
#   remediation: "Leave such actions to a deployment role; limit them to named ARNs and to a permissions boundary (condition iam:PermissionsBoundary)."
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_privilege_escalation

import data.sealock.lib.config_cloud as cloud

escalates := {
	"iam:CreatePolicyVersion", "iam:SetDefaultPolicyVersion", "iam:CreateAccessKey", "iam:CreateLoginProfile", "iam:UpdateLoginProfile",
	"iam:AttachUserPolicy", "iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:PutUserPolicy", "iam:PutGroupPolicy", "iam:PutRolePolicy",
	"iam:AddUserToGroup", "iam:UpdateAssumeRolePolicy", "iam:CreateServiceSpecificCredential", "iam:ResetServiceSpecificCredential",
	"iam:DeleteRolePermissionsBoundary", "iam:DeleteUserPermissionsBoundary", "iam:PutRolePermissionsBoundary", "iam:PutUserPermissionsBoundary",
	"iam:AddRoleToInstanceProfile", "lambda:UpdateFunctionCode", "glue:UpdateDevEndpoint", "lambda:AddLayerVersionPermission",
	"sso:PutInlinePolicyToPermissionSet", "sso:CreateAccountAssignment",
}

finding contains f if {
	some g in cloud.grants
	count(g.s.conditions) == 0
	anybodys(g.s.resources)
	named := sort([a | some a in escalates; cloud.allows(g.s, a)])
	count(named) > 0
	f := cloud.fault(
		g.item,
		cloud.part(g, "actions"),
		sprintf("whoever has this policy can become administrator by %s", [concat(", ", array.slice(named, 0, 5))]),
		sprintf("%s on %s", [json.marshal(named), json.marshal(g.s.resources)]),
		"none of these actions, or named ARNs and a boundary",
	)
}

anybodys(resources) if cloud.everything(resources)

anybodys(resources) if {
	some r in resources
	regex.match(`^arn:[^:]*:(iam|lambda):[^:]*:[^:]*:(user|role|group|policy|function)[/:]\*$`, cloud.known_text(r))
}
