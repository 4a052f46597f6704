# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_s3_test

import data.sealock.config.cloud_encryption.aws_s3 as rule
import data.sealock.lib.config_cloud_test as t

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"})])
	t.paths(findings) == {[]}
}

test_own_keys_of_s3 if {
	findings := rule.finding with input as t.doc([t.res_refs("aws_s3_bucket_server_side_encryption_configuration", {"bucket": "${aws_s3_bucket.this.id}", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]}, ["aws_s3_bucket.this"])])
	t.paths(findings) == {["rule", 0, "apply_server_side_encryption_by_default", 0, "sse_algorithm"]}
}

test_in_the_bucket if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"server_side_encryption_configuration": [{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]}]})])
	t.paths(findings) == {["server_side_encryption_configuration", 0, "rule", 0, "apply_server_side_encryption_by_default", 0, "sse_algorithm"]}
}

test_key if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"}), t.res_refs("aws_s3_bucket_server_side_encryption_configuration", {"bucket": "${aws_s3_bucket.this.id}", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "${aws_kms_key.data.arn}"}]}]}, ["aws_s3_bucket.this"])])
	findings == set()
}

test_bucket_of_logs if {
	findings := rule.finding with input as t.doc([object.union(t.res("aws_s3_bucket_server_side_encryption_configuration", {"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]}), {"name": "access_logs"})])
	findings == set()
}

test_rule_that_says_nothing if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket_server_side_encryption_configuration", {"rule": [{}]})])
	t.paths(findings) == {["rule", 0]}
}

test_bucket_that_logs_are_delivered_to if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"acl": "log-delivery-write", "server_side_encryption_configuration": [{"rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "AES256"}]}]}]})])
	findings == set()
}
