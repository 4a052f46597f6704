# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Rights are given to roles and groups, not to users
# description: Rights that hang on single users are not reviewed and stay when people change their work.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 1.15 (users receive permissions only through groups)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-6 Least Privilege
# custom:
#   id: cloud-iam.aws-user-policies
#   severity: low
#   remediation: Attach the policy to a role that is assumed, or to a group.
#   zeroTrust: [Z13]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_user_policies

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_iam_user_policy", "aws_iam_user_policy_attachment"})
	f := cloud.fault(i, ["user"], "a policy is attached to a user", sprintf("user %v", [object.get(i.values, "user", "")]), "a role or a group")
}

finding contains f if {
	some i in cloud.managed({"aws_iam_policy_attachment"})
	users := cloud.list(object.get(i.values, "users", null))
	count(users) > 0
	f := cloud.fault(i, ["users"], "a policy is attached to users", sprintf("users %s", [json.marshal(users)]), "roles or groups")
}
