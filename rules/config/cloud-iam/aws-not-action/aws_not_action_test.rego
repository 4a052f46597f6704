# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_not_action_test

import data.sealock.config.cloud_iam.aws_not_action as rule
import data.sealock.lib.config_cloud_test as t

test_not_action if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"notActions": ["iam:*"], "resources": ["*"]})])])
	t.paths(findings) == {["statement", 0, "not_actions"]}
}

test_not_resource if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:GetObject"], "notResources": ["arn:aws:s3:::secret/*"]})])])
	t.paths(findings) == {["statement", 0, "not_resources"]}
}

test_deny_without_mfa if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"effect": "Deny", "notActions": ["iam:ListMFADevices"], "resources": ["*"]})])])
	findings == set()
}

test_plain if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::shop/*"]})])])
	findings == set()
}
