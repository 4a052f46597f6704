# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Access to buckets is logged
# description: After a leak the access log says what was read and by whom.
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html
#   description: AWS Security Hub, S3.9
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AU-12 Audit Record Generation
# custom:
#   id: cloud-logging.bucket-logs
#   severity: low
#   remediation: Add an aws_s3_bucket_logging (logging block of google_storage_bucket) with a bucket for logs.
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.bucket_logs

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_s3_bucket"})
	count(cloud.at(i.values, ["logging"])) == 0
	count(cloud.companions(i, {"aws_s3_bucket_logging"}, "bucket")) == 0
	not keeps_logs(i)
	f := cloud.fault(i, [], "access to the bucket is not logged", "no aws_s3_bucket_logging for it", "a bucket for logs")
}

finding contains f if {
	some i in cloud.managed({"google_storage_bucket"})
	cloud.no_blocks(i, "logging")
	not log_name(i)
	f := cloud.fault(i, ["logging"], "access to the bucket is not logged", "no logging block", "a bucket for logs")
}

# What keeps the logs of others is not logged into itself.
keeps_logs(i) if log_name(i)

keeps_logs(i) if object.get(i.values, "acl", "") == "log-delivery-write"

keeps_logs(i) if {
	some l in cloud.managed({"aws_s3_bucket_logging"})
	l.module == i.module
	startswith(sprintf("%v", [object.get(l.values, "target_bucket", "")]), sprintf("${%s.", [cloud.own_name(i)]))
}

keeps_logs(i) if {
	some b in cloud.managed({"aws_s3_bucket"})
	b.module == i.module
	some p in cloud.at(b.values, ["logging"])
	startswith(sprintf("%v", [object.get(p.block, "target_bucket", "")]), sprintf("${%s.", [cloud.own_name(i)]))
}

log_name(i) if {
	some n in [i.name, object.get(i.values, "bucket", ""), object.get(i.values, "name", "")]
	is_string(n)
	regex.match(`(?i)(^|[_-])(logs?|logging|access[_-]logs?)([_-]|$)`, n)
}
