# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Buckets keep earlier versions"
# description: "With versions what an intruder or a faulty job overwrites can be seen and taken back."
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html
#   description: "AWS Security Hub, S3.14"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, CP-9 System Backup"
# custom:
#   id: cloud-logging.bucket-versions
#   severity: low
#   remediation: "Add an aws_s3_bucket_versioning with status = \"Enabled\"."
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_logging.bucket_versions

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_s3_bucket"})
	cloud.no_blocks(i, "versioning")
	count(cloud.companions(i, {"aws_s3_bucket_versioning"}, "bucket")) == 0
	f := cloud.fault(i, [], "the bucket keeps no versions", "no aws_s3_bucket_versioning for it", "one with status Enabled")
}

finding contains f if {
	some i in cloud.managed({"aws_s3_bucket"})
	some p in cloud.at(i.values, ["versioning"])
	cloud.off(p.block, "enabled")
	f := cloud.fault(i, config.child(p.path, ["enabled"]), "the bucket keeps no versions", sprintf("enabled is %s", [cloud.shown(object.get(p.block, "enabled", null))]), "true")
}

finding contains f if {
	some i in cloud.managed({"aws_s3_bucket_versioning"})
	some p in cloud.at(i.values, ["versioning_configuration"])
	object.get(p.block, "status", "") in {"Suspended", "Disabled"}
	f := cloud.fault(i, config.child(p.path, ["status"]), "the bucket keeps no versions", sprintf("status = %s", [p.block.status]), "Enabled")
}
