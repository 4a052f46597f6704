# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Buckets are encrypted with a key of one's own"
# description: S3 encrypts by itself with keys that anybody who may read an object uses without noticing; a KMS key is a second lock, with its own policy and log.
# related_resources:
# - ref: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
#   description: Using server-side encryption with AWS KMS keys
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-28(1) Cryptographic Protection of information at rest
# custom:
#   id: cloud-encryption.aws-s3
#   severity: low
#   remediation: "Add an aws_s3_bucket_server_side_encryption_configuration with sse_algorithm = \"aws:kms\" and kms_master_key_id."
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_s3

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_s3_bucket"})
	cloud.no_blocks(i, "server_side_encryption_configuration")
	count(cloud.companions(i, {"aws_s3_bucket_server_side_encryption_configuration"}, "bucket")) == 0
	f := cloud.rated(cloud.fault(i, [], "the bucket says nothing of encryption", "no aws_s3_bucket_server_side_encryption_configuration for it", "aws:kms with a key of one's own"), "medium")
}

# Where it is said: in the bucket (older providers) or in a resource of its own.
defaults contains {"item": i, "path": array.concat(p.path, d.path), "block": d.block} if {
	some i in cloud.managed({"aws_s3_bucket"})
	some p in cloud.at(i.values, ["server_side_encryption_configuration", "rule"])
	some d in cloud.at(p.block, ["apply_server_side_encryption_by_default"])
}

defaults contains {"item": i, "path": p.path, "block": p.block} if {
	some i in cloud.managed({"aws_s3_bucket_server_side_encryption_configuration"})
	some p in cloud.at(i.values, ["rule", "apply_server_side_encryption_by_default"])
}

finding contains f if {
	some d in defaults
	object.get(d.block, "sse_algorithm", null) in {null, "", "AES256"}
	not keeps_logs(d.item)
	f := cloud.fault(d.item, config.child(d.path, ["sse_algorithm"]), "the bucket is encrypted with S3's own keys", sprintf("sse_algorithm = %s", [cloud.shown(object.get(d.block, "sse_algorithm", null))]), "aws:kms with a key of one's own")
}

# Load balancers and S3 itself can't write logs with a KMS key.
keeps_logs(i) if regex.match(`(^|[_-])(logs?|logging|access)([_-]|$)`, i.name)

keeps_logs(i) if {
	some l in cloud.managed({"aws_s3_bucket_logging"})
	l.module == i.module
	some r in i.refs
	startswith(r, "aws_s3_bucket.")
	contains(sprintf("%v", [object.get(l.values, "target_bucket", "")]), sprintf("{%s.", [r]))
}

keeps_logs(i) if object.get(i.values, "acl", "") == "log-delivery-write"

# A rule that says nothing.
finding contains f if {
	some i in cloud.managed({"aws_s3_bucket_server_side_encryption_configuration"})
	some p in cloud.at(i.values, ["rule"])
	cloud.no_blocks({"values": p.block}, "apply_server_side_encryption_by_default")
	f := cloud.rated(cloud.fault(i, p.path, "the bucket is encrypted with S3's own keys", "no apply_server_side_encryption_by_default", "aws:kms with a key of one's own"), "low")
}
