# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "AWS's administrator policies are not attached"
# description: AdministratorAccess, PowerUserAccess and IAMFullAccess make their holder administrator of the account, at once or in one step.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 1.16 (no policies with full administrative privileges)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.aws-managed-admin
#   severity: high
#   remediation: Attach a policy with the actions that are needed; administrators come in by IAM Identity Center, for hours.
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_managed_admin

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

strong := {"AdministratorAccess": "critical", "IAMFullAccess": "high", "PowerUserAccess": "high", "AdministratorAccess-Amplify": "high"}

types := {"aws_iam_role_policy_attachment", "aws_iam_user_policy_attachment", "aws_iam_group_policy_attachment", "aws_iam_policy_attachment", "aws_eks_access_policy_association"}

finding contains f if {
	some i in cloud.managed(types)
	arn := object.get(i.values, "policy_arn", "")
	name := policy(arn)
	f := cloud.rated(cloud.fault(i, ["policy_arn"], sprintf("%s is attached", [name]), arn, "a policy with the needed actions"), strong[name])
}

finding contains f if {
	some i in cloud.managed({"aws_iam_role", "aws_iam_role_policy_attachments_exclusive"})
	some key in ["managed_policy_arns", "policy_arns"]
	some n, arn in cloud.list(object.get(i.values, key, null))
	name := policy(arn)
	f := cloud.rated(cloud.fault(i, [key, n], sprintf("%s is attached", [name]), arn, "a policy with the needed actions"), strong[name])
}

# The policies may also be given by name only: data.aws_iam_policy with a name.
finding contains f if {
	some d in config.data_items({"aws_iam_policy"})
	name := policy(sprintf("arn:aws:iam::aws:policy/%v", [object.get(d.values, "name", "")]))
	some i in cloud.managed(types)
	i.module == d.module
	cloud.refers(i, sprintf("data.%s", [cloud.own_name(d)]))
	f := cloud.rated(cloud.fault(i, ["policy_arn"], sprintf("%s is attached", [name]), sprintf("data.%s", [cloud.own_name(d)]), "a policy with the needed actions"), strong[name])
}

policy(arn) := name if {
	is_string(arn)
	some name, _ in strong
	regex.match(sprintf(`^arn:.*:iam::aws:policy/%s$`, [name]), arn)
}

# Sets of rights that people get when they sign in once for all accounts.
finding contains f if {
	some i in cloud.managed({"aws_ssoadmin_managed_policy_attachment"})
	arn := object.get(i.values, "managed_policy_arn", "")
	name := policy(arn)
	f := cloud.rated(cloud.fault(i, ["managed_policy_arn"], sprintf("%s is attached", [name]), arn, "a policy with the needed actions"), "high")
}
