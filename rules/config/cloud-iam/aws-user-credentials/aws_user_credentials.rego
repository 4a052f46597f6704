# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No long-lived keys or passwords of users
# description: An access key works from anywhere until somebody removes it, and Terraform keeps it in its state; roles and federation give tokens of minutes or hours.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 1.4, 1.11 and 1.14 (access keys)
# - ref: https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html
#   description: AWS IAM best practices, use temporary credentials
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-5 Authenticator Management
# custom:
#   id: cloud-iam.aws-user-credentials
#   severity: high
#   remediation: Use roles (IRSA, instance profiles, OIDC federation) and IAM Identity Center for people.
#   zeroTrust: [Z28, Z25]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_user_credentials

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_iam_access_key"})
	object.get(i.values, "status", "Active") != "Inactive"
	user := object.get(i.values, "user", "")
	f := cloud.rated(cloud.fault(i, ["user"], "an access key that does not expire is made", sprintf("access key of %v", [user]), "a role that is assumed"), severity(user))
}

finding contains f if {
	some i in cloud.managed({"aws_iam_user_login_profile"})
	f := cloud.rated(cloud.fault(i, ["user"], "a user of this account is given a password", "aws_iam_user_login_profile", "IAM Identity Center or another federation"), "medium")
}

finding contains f if {
	some i in cloud.managed({"aws_iam_service_specific_credential", "aws_iam_user_ssh_key", "aws_lightsail_bucket_access_key"})
	f := cloud.rated(cloud.fault(i, [], "a credential that does not expire is made for a user", i.type, "a role that is assumed"), "medium")
}

severity(user) := "critical" if {
	user == "root"
} else := "high"
