# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_s3_transport_test

import data.sealock.config.cloud_encryption.aws_s3_transport as rule
import data.sealock.lib.config_cloud_test as t

statement(effect, conditions) := t.statement({"effect": effect, "actions": ["s3:*"], "resources": ["*"], "principals": [{"type": "AWS", "identifiers": ["arn:aws:iam::111122223333:root"]}], "conditions": conditions})

test_nothing_denied if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_s3_bucket_policy", {"policy": "{}"}), [statement("Allow", [])])])
	t.paths(findings) == {["policy"]}
}

test_the_wrong_way_round if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_s3_bucket", {"policy": "{}"}), [statement("Allow", []), statement("Deny", [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}])])])
	t.paths(findings) == {["policy"]}
}

test_document if {
	policy := t.res_refs("aws_s3_bucket_policy", {"policy": "${data.aws_iam_policy_document.this.json}"}, ["data.aws_iam_policy_document.this"])
	findings := rule.finding with input as t.doc([t.document([statement("Allow", [])]), policy])
	t.paths(findings) == {["policy"]}
}

test_denied if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_s3_bucket_policy", {"policy": "{}"}), [statement("Allow", []), statement("Deny", [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["false"]}])])])
	findings == set()
}

test_allowed_over_tls_only if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_s3_bucket_policy", {"policy": "{}"}), [statement("Allow", [{"test": "Bool", "variable": "aws:SecureTransport", "values": ["true"]}])])])
	findings == set()
}

test_policy_that_is_not_known if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket_policy", {"policy": "${var.policy}"})])
	findings == set()
}

test_other_denials if {
	findings := rule.finding with input as t.doc([t.with_policy(t.res("aws_s3_bucket_policy", {"policy": "{}"}), [statement("Deny", [{"test": "IpAddress", "variable": "aws:SourceIp", "values": ["203.0.113.7/32"]}])])])
	t.paths(findings) == {["policy"]}
}
