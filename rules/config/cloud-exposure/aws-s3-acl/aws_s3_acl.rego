# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Buckets are not shared with everybody
# description: Public buckets are found by scanners; what is in them is copied before the mistake is noticed.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 2.1.4 (block public access)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-exposure.aws-s3-acl
#   severity: critical
#   remediation: Leave out the access list (BucketOwnerEnforced) and give access by a bucket policy with named principals.
#   zeroTrust: [Z13, Z25]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_s3_acl

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

types := {"aws_s3_bucket", "aws_s3_bucket_acl", "aws_s3_bucket_object", "aws_s3_object", "aws_s3_object_copy"}

lists := {"public-read": "critical", "public-read-write": "critical", "website": "critical", "authenticated-read": "high"}

finding contains f if {
	some i in cloud.managed(types)
	acl := object.get(i.values, "acl", "")
	severity := lists[acl]
	f := cloud.rated(cloud.fault(i, ["acl"], sprintf("the access list is %s%s", [acl, without_effect(i)]), sprintf("acl = %s", [acl]), "private"), effective(i, severity))
}

# A public access block that ignores access lists leaves this one without effect, for as long as it is there.
without_effect(i) := ", which only the public access block makes ineffective" if {
	ignored(i)
} else := ""

effective(i, severity) := "low" if {
	ignored(i)
} else := severity

ignored(i) if {
	i.type == "aws_s3_bucket"
	some b in cloud.companions(i, {"aws_s3_bucket_public_access_block"}, "bucket")
	b.module == i.module
	cloud.put_on(b.values, "ignore_public_acls")
}

ignored(i) if {
	i.type == "aws_s3_bucket_acl"
	some b in cloud.managed({"aws_s3_bucket_public_access_block"})
	b.module == i.module
	object.get(b.values, "bucket", 0) == object.get(i.values, "bucket", 1)
	cloud.put_on(b.values, "ignore_public_acls")
}

# A module of the registry takes both.
ignored(i) if {
	some b in cloud.managed({"aws_s3_bucket_public_access_block"})
	startswith(b.address, "module.")
	b.address == i.address
	b.module == i.module
	cloud.put_on(b.values, "ignore_public_acls")
}

grants contains {"item": i, "path": config.child(p.path, ["uri"]), "uri": p.block.uri} if {
	some i in cloud.managed({"aws_s3_bucket"})
	some p in cloud.at(i.values, ["grant"])
}

grants contains {"item": i, "path": config.child(p.path, ["uri"]), "uri": p.block.uri} if {
	some i in cloud.managed({"aws_s3_bucket_acl"})
	some p in cloud.at(i.values, ["access_control_policy", "grant", "grantee"])
}

finding contains f if {
	some g in grants
	regex.match(`/global/(AllUsers|AuthenticatedUsers)$`, cloud.text(g.uri))
	f := cloud.fault(g.item, g.path, "the access list has everybody in it", g.uri, "named principals")
}

# A group of S3 itself that may change the access list can open the bucket.
finding contains f if {
	some i in cloud.managed({"aws_s3_bucket_acl"})
	some p in cloud.at(i.values, ["access_control_policy", "grant"])
	p.block.permission in {"WRITE_ACP", "FULL_CONTROL"}
	some g in cloud.at(p.block, ["grantee"])
	endswith(cloud.text(object.get(g.block, "uri", null)), "/LogDelivery")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["permission"]), "whoever delivers logs may change the access list", sprintf("permission = %s", [p.block.permission]), "WRITE and READ_ACP"), "high")
}

finding contains f if {
	some i in cloud.managed({"aws_s3_bucket"})
	some p in cloud.at(i.values, ["cors_rule"])
	wide_cors(p.block)
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["allowed_origins"]), "scripts of any web site may change objects", "allowed_origins = *", "one's own origins"), "medium")
}

finding contains f if {
	some i in cloud.managed({"aws_s3_bucket_cors_configuration"})
	some p in cloud.at(i.values, ["cors_rule"])
	wide_cors(p.block)
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["allowed_origins"]), "scripts of any web site may change objects", "allowed_origins = *", "one's own origins"), "medium")
}

wide_cors(rule) if {
	"*" in cloud.list(object.get(rule, "allowed_origins", null))
	some m in cloud.list(object.get(rule, "allowed_methods", null))
	m in {"PUT", "POST", "DELETE", "*"}
}
