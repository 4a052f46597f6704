# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Passwords of users are long and not reused
# description: "Short or reused passwords of an account's users are guessed or known from other leaks."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 1.8 and 1.9 (password policy)
# - ref: https://csrc.nist.gov/pubs/sp/800/63/b/upd2/final
#   description: NIST SP 800-63B, section 3.1.1 (passwords)
# custom:
#   id: cloud-iam.aws-password-policy
#   severity: medium
#   remediation: Set minimum_password_length to 14 or more, password_reuse_prevention to 24 and the require_ arguments to true.
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_iam.aws_password_policy

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_iam_account_password_policy"})
	length := cloud.number(cloud.get(i.values, "minimum_password_length", 6))
	length < 14
	f := cloud.fault(i, ["minimum_password_length"], "short passwords are accepted", sprintf("at least %v characters", [length]), "at least 14 characters")
}

finding contains f if {
	some i in cloud.managed({"aws_iam_account_password_policy"})
	kept := cloud.number(cloud.get(i.values, "password_reuse_prevention", 0))
	kept < 5
	f := cloud.rated(cloud.fault(i, ["password_reuse_prevention"], "old passwords can be used again", sprintf("%v passwords are remembered", [kept]), "24 passwords are remembered"), "low")
}

finding contains f if {
	some i in cloud.managed({"aws_iam_account_password_policy"})
	some key in ["require_lowercase_characters", "require_uppercase_characters", "require_numbers", "require_symbols"]
	cloud.put_off(i.values, key)
	f := cloud.rated(cloud.fault(i, [key], "simple passwords are accepted", sprintf("%s is false", [key]), sprintf("%s is true", [key])), "low")
}

finding contains f if {
	some i in cloud.managed({"aws_iam_account_password_policy"})
	cloud.put_off(i.values, "allow_users_to_change_password")
	f := cloud.rated(cloud.fault(i, ["allow_users_to_change_password"], "users can't change a password that was seen", "allow_users_to_change_password is false", "true"), "low")
}

finding contains f if {
	some i in cloud.managed({"aws_iam_account_password_policy"})
	days := cloud.number(object.get(i.values, "max_password_age", null))
	days > 90
	f := cloud.rated(cloud.fault(i, ["max_password_age"], "a stolen password works for long", sprintf("max_password_age is %v", [days]), "90 days or less"), "low")
}
