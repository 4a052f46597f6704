# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Keys are rotated
# description: A key that is never changed protects ever more data, and a leak of it all of that data.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 3.6 (rotation of symmetric customer keys)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-12 Cryptographic Key Establishment and Management
# custom:
#   id: cloud-encryption.aws-kms-rotation
#   severity: medium
#   remediation: Set enable_key_rotation = true.
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_kms_rotation

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_kms_key"})
	cloud.off(i.values, "enable_key_rotation")
	symmetric(i)
	f := cloud.fault(i, ["enable_key_rotation"], "the key is never changed", sprintf("enable_key_rotation is %s", [cloud.shown(object.get(i.values, "enable_key_rotation", null))]), "true")
}

# Only symmetric keys for encryption can be rotated.
symmetric(i) if {
	cloud.get(i.values, "key_usage", "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT"
	cloud.get(i.values, "customer_master_key_spec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
	cloud.get(i.values, "custom_key_store_id", "") == ""
}
