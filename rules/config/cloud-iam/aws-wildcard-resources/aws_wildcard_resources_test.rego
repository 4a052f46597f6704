# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_wildcard_resources_test

import data.sealock.config.cloud_iam.aws_wildcard_resources as rule
import data.sealock.lib.config_cloud_test as t

test_all_secrets if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["secretsmanager:GetSecretValue"], "resources": ["*"]})])])
	t.paths(findings) == {["statement", 0, "resources"]}
}

test_pattern_of_actions if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:Put*"], "resources": ["arn:aws:s3:::*"]})])])
	t.paths(findings) == {["statement", 0, "resources"]}
}

test_assume_any_role if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_iam_policy", {}), [t.statement({"actions": ["sts:AssumeRole"], "resources": ["*"]})])])
	t.paths(findings) == {["statement", 0, "resources"]}
}

test_named if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["secretsmanager:GetSecretValue"], "resources": ["${aws_secretsmanager_secret.this.arn}"]})])])
	findings == set()
}

test_account_of_its_own if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["rds-db:connect"], "resources": ["arn:${data.aws_partition.current.partition}:rds-db:eu-central-1:${data.aws_caller_identity.current.account_id}:dbuser:${aws_db_instance.a.resource_id}/payments"]})])])
	findings == set()
}

test_lists_need_a_star if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["ec2:DescribeInstances", "ecr:GetAuthorizationToken", "cloudwatch:PutMetricData"], "resources": ["*"]})])])
	findings == set()
}

test_condition if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["kms:Decrypt"], "resources": ["*"], "conditions": [{"test": "StringEquals", "variable": "kms:ViaService", "values": ["s3.eu-central-1.amazonaws.com"]}]})])])
	findings == set()
}

test_all_secrets if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["secretsmanager:GetSecretValue"], "resources": ["arn:aws:secretsmanager:eu-west-1:${data.aws_caller_identity.me.account_id}:secret:*"]})])])
	t.paths(findings) == {["statement", 0, "resources"]}
}

test_secrets_of_one_service if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["secretsmanager:GetSecretValue"], "resources": ["arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/*"]})])])
	findings == set()
}
