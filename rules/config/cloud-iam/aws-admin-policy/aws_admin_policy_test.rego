# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_admin_policy_test

import data.sealock.config.cloud_iam.aws_admin_policy as rule
import data.sealock.lib.config_cloud_test as t

test_everything if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["*"], "resources": ["*"]})])])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["statement", 0, "actions"]}
}

test_on_a_resource if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_iam_role_policy", {}), [t.statement({"actions": ["*:*", "s3:GetObject"], "resources": ["*"]})])])
	t.paths(findings) == {["statement", 0, "actions"]}
}

test_with_a_condition if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["*"], "resources": ["*"], "conditions": [{"test": "Bool", "variable": "aws:MultiFactorAuthPresent", "values": ["true"]}]})])])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["statement", 0, "actions"]}
}

test_deny if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"effect": "Deny", "actions": ["*"], "resources": ["*"]})])])
	findings == set()
}

test_limited if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:GetObject"], "resources": ["*"]})])])
	findings == set()
}

test_service_control_policy if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["*"], "resources": ["*"]})]), t.res_refs("aws_organizations_policy", {}, ["data.aws_iam_policy_document.this"])])
	findings == set()
}

test_key_policy_names_its_principals if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:root"]}]})])])
	findings == set()
}
