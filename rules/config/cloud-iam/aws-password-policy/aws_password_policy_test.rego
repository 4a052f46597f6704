# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_password_policy_test

import data.sealock.config.cloud_iam.aws_password_policy as rule
import data.sealock.lib.config_cloud_test as t

test_short if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_account_password_policy", {"minimum_password_length": 8, "password_reuse_prevention": 24})])
	t.paths(findings) == {["minimum_password_length"]}
}

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_account_password_policy", {})])
	t.paths(findings) == {["minimum_password_length"], ["password_reuse_prevention"]}
}

test_simple if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_account_password_policy", {"minimum_password_length": 14, "password_reuse_prevention": 24, "require_symbols": false})])
	t.paths(findings) == {["require_symbols"]}
}

test_long if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_account_password_policy", {"minimum_password_length": "16", "password_reuse_prevention": 24, "require_symbols": true})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_account_password_policy", {"minimum_password_length": "${var.length}", "password_reuse_prevention": 24})])
	findings == set()
}

test_lasting_passwords if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_account_password_policy", {"minimum_password_length": 16, "password_reuse_prevention": 24, "max_password_age": 365, "allow_users_to_change_password": false})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["max_password_age"], ["allow_users_to_change_password"]}
}
