# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Every bucket blocks public access
# description: "The block holds whatever a policy or an access list says later: one careless line does not make the data public."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 2.1.4 (S3 buckets block public access)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-exposure.aws-s3-public-access-block
#   severity: high
#   remediation: Add an aws_s3_bucket_public_access_block with its four arguments set to true.
#   zeroTrust: [Z13, Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_s3_public_access_block

import data.sealock.lib.config_cloud as cloud

keys := ["block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets"]

blocks := {"aws_s3_bucket_public_access_block", "aws_s3_account_public_access_block"}

finding contains f if {
	some i in cloud.managed({"aws_s3_bucket"})
	count(cloud.companions(i, {"aws_s3_bucket_public_access_block"}, "bucket")) == 0
	count(account_wide) == 0
	f := cloud.fault(i, [], "public access to the bucket is not blocked", "no aws_s3_bucket_public_access_block for it", "one with all four arguments true")
}

finding contains f if {
	some i in cloud.managed(blocks)
	open := [k | some k in keys; cloud.off(i.values, k)]
	count(open) > 0
	f := cloud.fault(i, [open[0]], "public access is blocked in part", sprintf("%s not true", [concat(", ", open)]), "all four arguments true")
}

account_wide contains i.id if {
	some i in cloud.managed({"aws_s3_account_public_access_block"})
	every k in keys {
		cloud.put_on(i.values, k)
	}
}

# Access points block everything unless it is said otherwise, and what they let through the bucket's own block does not see.
finding contains f if {
	some i in cloud.managed({"aws_s3_access_point", "aws_s3control_multi_region_access_point"})
	some names in [["public_access_block_configuration"], ["details", "public_access_block"]]
	some p in cloud.at(i.values, names)
	open := [k | some k in keys; cloud.put_off(p.block, k)]
	count(open) > 0
	f := cloud.fault(i, array.concat(p.path, [open[0]]), "public access is blocked in part", sprintf("%s not true", [concat(", ", open)]), "all four arguments true")
}
