# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_user_policies_test

import data.sealock.config.cloud_iam.aws_user_policies as rule
import data.sealock.lib.config_cloud_test as t

test_inline if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_user_policy", {"user": "alice", "policy": "${data.aws_iam_policy_document.this.json}"})])
	t.paths(findings) == {["user"]}
}

test_attached if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_user_policy_attachment", {"user": "${aws_iam_user.alice.name}"})])
	t.paths(findings) == {["user"]}
}

test_several if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_policy_attachment", {"users": ["alice"], "roles": []})])
	t.paths(findings) == {["users"]}
}

test_role if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_policy_attachment", {"users": [], "roles": ["reader"]}), t.res("aws_iam_role_policy_attachment", {"role": "reader"})])
	findings == set()
}

test_null_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("aws_iam_policy_attachment", {"users": null, "roles": ["reader"]})])
	findings == set()
}
