# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_privilege_escalation_test

import data.sealock.config.cloud_iam.aws_privilege_escalation as rule
import data.sealock.lib.config_cloud_test as t

test_new_version_of_a_policy if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:CreatePolicyVersion"], "resources": ["*"]})])])
	t.paths(findings) == {["statement", 0, "actions"]}
}

test_keys_of_any_user if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:CreateAccessKey"], "resources": ["arn:aws:iam::111122223333:user/*"]})])])
	t.paths(findings) == {["statement", 0, "actions"]}
}

test_pattern if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:Attach*"], "resources": ["*"]})])])
	t.paths(findings) == {["statement", 0, "actions"]}
}

test_own_keys if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:CreateAccessKey"], "resources": ["arn:aws:iam::*:user/${aws:username}"]})])])
	findings == set()
}

test_with_a_boundary if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:PutRolePolicy"], "resources": ["*"], "conditions": [{"test": "StringEquals", "variable": "iam:PermissionsBoundary", "values": ["arn:aws:iam::111122223333:policy/boundary"]}]})])])
	findings == set()
}

test_reads if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:Get*", "iam:List*"], "resources": ["*"]})])])
	findings == set()
}
