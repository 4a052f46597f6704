# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_wildcard_actions_test

import data.sealock.config.cloud_iam.aws_wildcard_actions as rule
import data.sealock.lib.config_cloud_test as t

test_service_on_everything if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:*"], "resources": ["*"]})])])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["statement", 0, "actions"]}
}

test_service_on_one_bucket if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:*"], "resources": ["${aws_s3_bucket.this.arn}/*"]})])])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["statement", 0, "actions"]}
}

test_all_services_on_one_resource if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["*"], "resources": ["arn:aws:s3:::shop"]})])])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["statement", 0, "actions"]}
}

test_reads if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:Get*", "ec2:Describe*"], "resources": ["*"]})])])
	findings == set()
}

test_admin_is_reported_elsewhere if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["*"], "resources": ["*"]})])])
	findings == set()
}

test_key_policy if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["kms:*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:root"]}]})])])
	findings == set()
}

test_endpoint_policy if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_vpc_endpoint", {}), [t.statement({"actions": ["s3:*"], "resources": ["*"]})])])
	findings == set()
}

test_every_action_for_a_service if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_sqs_queue_policy", {}), [t.statement({"actions": ["sqs:*"], "resources": ["*"], "principals": [{"type": "Service", "identifiers": ["sns.amazonaws.com"]}]})])])
	t.severities(findings) == {"medium"}
}

test_every_action_with_a_source if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_sqs_queue_policy", {}), [t.statement({"actions": ["*"], "resources": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}], "conditions": [{"test": "ArnEquals", "variable": "aws:SourceArn", "values": ["${aws_sns_topic.a.arn}"]}]})])])
	count(findings) == 1
}

test_principals_mean_nothing_to_a_role if {
	policy := t.document([t.statement({"actions": ["s3:*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:root"]}]})])
	findings := rule.finding with input as t.doc([policy, t.res_refs("aws_iam_role_policy", {"policy": "${data.aws_iam_policy_document.this.json}"}, ["data.aws_iam_policy_document.this"])])
	t.severities(findings) == {"high"}
}
