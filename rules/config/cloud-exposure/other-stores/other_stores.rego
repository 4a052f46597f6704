# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Buckets, disks and databases of other clouds are private and encrypted
# description: Public buckets are found by scanners; disks and snapshots that are copied are readable if they are not encrypted.
# related_resources:
# - ref: https://www.cisecurity.org/controls
#   description: CIS Critical Security Controls 8, 3.3 and 3.11 (access control lists, encryption of sensitive data at rest)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement and SC-28(1) Cryptographic Protection
# custom:
#   id: cloud-exposure.other-stores
#   severity: high
#   remediation: "Set acl = \"private\", leave public access to databases off, and encrypt disks."
#   zeroTrust: [Z13, Z25]
#   kinds: [terraform]
package sealock.config.cloud_exposure.other_stores

import data.sealock.lib.config_cloud as cloud

buckets := {
	"digitalocean_spaces_bucket", "digitalocean_spaces_bucket_object", "alicloud_oss_bucket", "alicloud_oss_bucket_acl", "alicloud_oss_bucket_object",
	"scaleway_object_bucket", "scaleway_object_bucket_acl", "yandex_storage_bucket", "tencentcloud_cos_bucket", "linode_object_storage_bucket",
	"huaweicloud_obs_bucket", "flexibleengine_obs_bucket",
}

finding contains f if {
	some i in cloud.managed(buckets)
	acl := lower(cloud.text(object.get(i.values, "acl", "")))
	acl in {"public-read", "public-read-write", "authenticated-read"}
	f := cloud.fault(i, ["acl"], "everybody may read it", acl, "private")
}

finding contains f if {
	some i in cloud.managed({"oci_objectstorage_bucket"})
	access := cloud.text(object.get(i.values, "access_type", ""))
	access in {"ObjectRead", "ObjectReadWithoutList"}
	f := cloud.fault(i, ["access_type"], "everybody may read it", access, "NoPublicAccess")
}

finding contains f if {
	some i in cloud.managed({"nifcloud_db_instance"})
	cloud.put_on(i.values, "publicly_accessible")
	f := cloud.fault(i, ["publicly_accessible"], "the database has a public address", "publicly_accessible = true", "false")
}

# Not encrypted unless it is said.
disks := [
	[{"alicloud_disk", "alicloud_ecs_disk"}, "encrypted"],
	[{"tencentcloud_cbs_storage"}, "encrypt"],
]

finding contains f if {
	some d in disks
	some i in cloud.managed(d[0])
	cloud.off(i.values, d[1])
	cloud.unset(i.values, "kms_key_id")
	cloud.unset(i.values, "snapshot_id")
	f := cloud.rated(cloud.fault(i, [d[1]], "the disk is not encrypted", sprintf("%s is %s", [d[1], cloud.shown(object.get(i.values, d[1], null))]), "true"), "medium")
}
