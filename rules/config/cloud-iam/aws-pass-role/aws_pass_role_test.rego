# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_pass_role_test

import data.sealock.config.cloud_iam.aws_pass_role as rule
import data.sealock.lib.config_cloud_test as t

test_any_role if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:PassRole", "ec2:RunInstances"], "resources": ["*"]})])])
	t.paths(findings) == {["statement", 0, "resources"]}
}

test_any_role_of_the_account if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:Pass*"], "resources": ["arn:aws:iam::${data.aws_caller_identity.current.account_id}:role/*"]})])])
	t.paths(findings) == {["statement", 0, "resources"]}
}

test_one_role if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:PassRole"], "resources": ["${aws_iam_role.task.arn}"]})])])
	findings == set()
}

test_one_service if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["iam:PassRole"], "resources": ["*"], "conditions": [{"test": "StringEquals", "variable": "iam:PassedToService", "values": ["ecs-tasks.amazonaws.com"]}]})])])
	findings == set()
}
