# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_messages_test

import data.sealock.config.cloud_encryption.aws_messages as rule
import data.sealock.lib.config_cloud_test as t

test_topic if {
	findings := rule.finding with input as t.doc([t.res("aws_sns_topic", {"name": "orders"})])
	t.paths(findings) == {["kms_master_key_id"]}
}

test_queue_off if {
	findings := rule.finding with input as t.doc([t.res("aws_sqs_queue", {"sqs_managed_sse_enabled": false})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["sqs_managed_sse_enabled"]}
}

test_queue if {
	findings := rule.finding with input as t.doc([t.res("aws_sqs_queue", {"name": "orders"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["kms_master_key_id"]}
}

test_stream if {
	findings := rule.finding with input as t.doc([t.res("aws_kinesis_stream", {"encryption_type": "NONE"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["encryption_type"]}
}

test_firehose if {
	findings := rule.finding with input as t.doc([t.res("aws_kinesis_firehose_delivery_stream", {"server_side_encryption": [{"enabled": false}]})])
	t.paths(findings) == {["server_side_encryption", 0, "enabled"]}
}

test_encrypted if {
	findings := rule.finding with input as t.doc([t.res("aws_sns_topic", {"kms_master_key_id": "alias/shop"}), t.res("aws_sqs_queue", {"sqs_managed_sse_enabled": true}), t.res("aws_sqs_queue", {"kms_master_key_id": "${aws_kms_key.a.id}"}), t.res("aws_kinesis_stream", {"encryption_type": "KMS"})])
	findings == set()
}
