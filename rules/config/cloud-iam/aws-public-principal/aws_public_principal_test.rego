# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_public_principal_test

import data.sealock.config.cloud_iam.aws_public_principal as rule
import data.sealock.lib.config_cloud_test as t

test_bucket_for_everybody if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::shop/*"], "principals": [{"type": "*", "identifiers": ["*"]}]})])])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["statement", 0, "principals"]}
}

test_queue_for_every_account if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_sqs_queue_policy", {}), [t.statement({"actions": ["sqs:*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["*"]}]})])])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["statement", 0, "principals"]}
}

test_role_for_every_account if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRole"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::*:root"]}]})])])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["statement", 0, "principals"]}
}

test_lambda if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_permission", {"principal": "*", "action": "lambda:InvokeFunction"})])
	t.paths(findings) == {["principal"]}
}

test_not_principal if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:GetObject"], "notPrincipals": [{"type": "AWS", "identifiers": ["111122223333"]}]})])])
	t.paths(findings) == {["statement", 0, "not_principals"]}
}

test_narrowed_to_the_organisation if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:GetObject"], "principals": [{"type": "*", "identifiers": ["*"]}], "conditions": [{"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-abc"]}]})])])
	findings == set()
}

test_topic_for_one_bucket if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sns:Publish"], "principals": [{"type": "AWS", "identifiers": ["*"]}], "conditions": [{"test": "ArnLike", "variable": "aws:SourceArn", "values": ["${aws_s3_bucket.this.arn}"]}]})])])
	findings == set()
}

test_tls_only_is_no_narrowing if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:GetObject"], "principals": [{"type": "*", "identifiers": ["*"]}], "conditions": [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}]})])])
	t.paths(findings) == {["statement", 0, "principals"]}
}

test_deny if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"effect": "Deny", "actions": ["s3:*"], "principals": [{"type": "*", "identifiers": ["*"]}]})])])
	findings == set()
}

test_named if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["s3:GetObject"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:role/reader"]}, {"type": "Service", "identifiers": ["cloudfront.amazonaws.com"]}]})])])
	findings == set()
}

test_endpoint if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["*"], "resources": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}]})]), t.res_refs("aws_vpc_endpoint", {}, ["data.aws_iam_policy_document.this"])])
	findings == set()
}

test_addresses_are_no_identity if {
	policy := t.statement({"actions": ["s3:PutObject"], "resources": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}], "conditions": [{"test": "IpAddress", "variable": "aws:SourceIp", "values": ["203.0.113.0/24"]}]})
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_s3_bucket_policy", {}), [policy])])
	t.severities(findings) == {"medium"}
}

test_addresses_of_an_organization if {
	policy := t.statement({"actions": ["s3:GetObject"], "resources": ["*"], "principals": [{"type": "*", "identifiers": ["*"]}], "conditions": [{"test": "IpAddress", "variable": "aws:SourceIp", "values": ["203.0.113.0/24"]}, {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-1"]}]})
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_s3_bucket_policy", {}), [policy])])
	findings == set()
}

test_layers_and_buses if {
	findings := rule.finding with input as t.doc([
		t.res("aws_lambda_layer_version_permission", {"principal": "*"}),
		t.res("aws_cloudwatch_event_permission", {"principal": "*", "condition": [{"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o-1234567890"}]}),
		t.res("aws_cloudwatch_event_permission", {"principal": "123456789012"}),
	])
	t.paths(findings) == {["principal"]}
	count(findings) == 1
}

test_every_service if {
	findings := rule.finding with input as t.doc([t.document([t.statement({"actions": ["sts:AssumeRole"], "principals": [{"type": "Service", "identifiers": ["*"]}]}), t.statement({"actions": ["sts:AssumeRole"], "principals": [{"type": "Service", "identifiers": ["ec2.amazonaws.com"]}]})])])
	count(findings) == 1
}
