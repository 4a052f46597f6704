# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Queues, topics and streams are encrypted
# description: "Messages wait on disks; with a key of one's own a reader needs the right to the key as well as to the queue."
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/sns-controls.html
#   description: AWS Security Hub, SNS.1, SQS.1 and Kinesis.1
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-28(1) Cryptographic Protection of information at rest
# custom:
#   id: cloud-encryption.aws-messages
#   severity: medium
#   remediation: "Set kms_master_key_id (kms_key_id with encryption_type = \"KMS\"), or sqs_managed_sse_enabled = true."
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_messages

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_sns_topic"})
	cloud.unset(i.values, "kms_master_key_id")
	f := cloud.fault(i, ["kms_master_key_id"], "messages of the topic are not encrypted at rest", "no kms_master_key_id", "a key")
}

finding contains f if {
	some i in cloud.managed({"aws_sqs_queue"})
	no_key(i)
	cloud.put_off(i.values, "sqs_managed_sse_enabled")
	f := cloud.rated(cloud.fault(i, ["sqs_managed_sse_enabled"], "messages of the queue are not encrypted at rest", "sqs_managed_sse_enabled = false", "true, or kms_master_key_id"), "high")
}

# New queues are encrypted with keys of SQS unless it is switched off.
finding contains f if {
	some i in cloud.managed({"aws_sqs_queue"})
	no_key(i)
	cloud.unset(i.values, "sqs_managed_sse_enabled")
	f := cloud.rated(cloud.fault(i, ["kms_master_key_id"], "the queue says nothing of encryption", "no kms_master_key_id", "a key, or sqs_managed_sse_enabled = true"), "low")
}

no_key(i) if cloud.unset(i.values, "kms_master_key_id")

finding contains f if {
	some i in cloud.managed({"aws_kinesis_stream"})
	type := object.get(i.values, "encryption_type", null)
	type in {null, "", "NONE"}
	f := cloud.rated(cloud.fault(i, ["encryption_type"], "the stream is not encrypted at rest", sprintf("encryption_type is %s", [cloud.shown(type)]), "KMS"), "high")
}

finding contains f if {
	some i in cloud.managed({"aws_kinesis_firehose_delivery_stream"})
	count(cloud.at(i.values, ["kinesis_source_configuration"])) == 0
	some s in cloud.settings(i.values, ["server_side_encryption"], "enabled")
	cloud.off_value(s.value)
	f := cloud.fault(i, s.path, "the delivery stream is not encrypted at rest", sprintf("enabled is %s", [cloud.shown(s.value)]), "true")
}
