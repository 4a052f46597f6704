# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Buckets have one kind of access control, and public access is prevented
# description: "Access lists of single objects get round the bucket's own rules, and without prevention one binding makes the data public."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 5.1 and 5.2 (no public buckets, uniform bucket-level access)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-exposure.google-buckets
#   severity: medium
#   remediation: "Set uniform_bucket_level_access = true and public_access_prevention = \"enforced\"."
#   zeroTrust: [Z13, Z25]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_buckets

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"google_storage_bucket"})
	cloud.off(i.values, "uniform_bucket_level_access")
	not cloud.put_on(i.values, "bucket_policy_only")
	f := cloud.fault(i, ["uniform_bucket_level_access"], "objects have access lists of their own", sprintf("uniform_bucket_level_access is %s", [cloud.shown(object.get(i.values, "uniform_bucket_level_access", null))]), "true")
}

finding contains f if {
	some i in cloud.managed({"google_storage_bucket"})
	v := object.get(i.values, "public_access_prevention", null)
	v in {null, "", "inherited", "unspecified"}
	f := cloud.rated(cloud.fault(i, ["public_access_prevention"], "public access is not prevented", sprintf("public_access_prevention is %s", [cloud.shown(v)]), "enforced"), "low")
}
