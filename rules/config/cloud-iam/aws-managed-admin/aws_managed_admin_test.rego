# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_managed_admin_test

import data.sealock.config.cloud_iam.aws_managed_admin as rule
import data.sealock.lib.config_cloud_test as t

test_administrator if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_role_policy_attachment", {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess", "role": "ci"})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["policy_arn"]}
}

test_any_partition if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_group_policy_attachment", {"policy_arn": "arn:${data.aws_partition.current.partition}:iam::aws:policy/IAMFullAccess"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["policy_arn"]}
}

test_in_the_role if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_role", {"managed_policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/PowerUserAccess"]})])
	t.paths(findings) == {["managed_policy_arns", 1]}
}

test_by_name if {
	findings := rule.finding with input as t.doc([t.item("data", "aws_iam_policy", "admin", {"name": "AdministratorAccess"}), t.res_refs("aws_iam_role_policy_attachment", {"policy_arn": "${data.aws_iam_policy.admin.arn}"}, ["data.aws_iam_policy.admin"])])
	t.paths(findings) == {["policy_arn"]}
}

test_service_role if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_role_policy_attachment", {"policy_arn": "arn:aws:iam::aws:policy/service-role/AmazonRDSEnhancedMonitoringRole"})])
	findings == set()
}

test_own_policy if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_role_policy_attachment", {"policy_arn": "${aws_iam_policy.this.arn}"})])
	findings == set()
}

test_permission_set if {
	findings := rule.finding with input as t.doc([t.res("aws_ssoadmin_managed_policy_attachment", {"managed_policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}), t.res("aws_ssoadmin_managed_policy_attachment", {"managed_policy_arn": "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"})])
	t.paths(findings) == {["managed_policy_arn"]}
	count(findings) == 1
}
