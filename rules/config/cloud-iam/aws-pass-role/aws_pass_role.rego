# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "iam:PassRole names the roles that may be passed"
# description: Who may pass any role to a service that runs code, an instance or a function, has the rights of the strongest role in the account.
# related_resources:
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
#   description: Granting a user permissions to pass a role to a service
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.aws-pass-role
#   severity: high
#   remediation: "Name the role's ARN as the resource, and set the condition iam:PassedToService."
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_pass_role

import data.sealock.lib.config_cloud as cloud

# What runs code with a role that it is given.
runs := {
	"ec2:RunInstances", "lambda:CreateFunction", "glue:CreateDevEndpoint", "glue:CreateJob", "cloudformation:CreateStack",
	"datapipeline:CreatePipeline", "sagemaker:CreateNotebookInstance", "sagemaker:CreateTrainingJob", "ecs:RunTask", "ecs:RegisterTaskDefinition",
	"codebuild:CreateProject", "states:CreateStateMachine", "autoscaling:CreateLaunchConfiguration", "codestar:CreateProject",
}

finding contains f if {
	some g in cloud.grants
	cloud.allows(g.s, "iam:PassRole")
	any_role(g.s.resources)
	not passed_to_few(g.s)
	f := cloud.fault(
		g.item,
		cloud.part(g, "resources"),
		sprintf("the policy allows to pass any role to a service%s", [with_what(g.item)]),
		sprintf("iam:PassRole on %s", [json.marshal(g.s.resources)]),
		"the ARNs of the roles to pass",
	)
}

any_role(resources) if cloud.everything(resources)

any_role(resources) if {
	some r in resources
	regex.match(`^arn:[^:]*:iam::[^:]*:role/\*$`, cloud.known_text(r))
}

passed_to_few(s) if {
	some c in s.conditions
	lower(c.variable) == "iam:passedtoservice"
	cloud.holds_for_few(c)
}

with_what(item) := sprintf(", and with %s to use it", [concat(", ", array.slice(used, 0, 3))]) if {
	used := sort([a | some g in cloud.grants; g.item.id == item.id; some a in runs; cloud.allows(g.s, a)])
	count(used) > 0
} else := ""
