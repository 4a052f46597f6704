# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Keys are rotated
# description: A key that is never changed protects ever more data, and a leak of it all of that data.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 1.10 (keys are rotated within 90 days)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-12 Cryptographic Key Establishment and Management
# custom:
#   id: cloud-encryption.google-kms-rotation
#   severity: medium
#   remediation: "Set rotation_period = \"7776000s\" (90 days) or less."
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.google_kms_rotation

import data.sealock.lib.config_cloud as cloud

symmetric := [i |
	some i in cloud.managed({"google_kms_crypto_key"})
	cloud.get(i.values, "purpose", "ENCRYPT_DECRYPT") == "ENCRYPT_DECRYPT"
	not cloud.put_on(i.values, "import_only")
]

finding contains f if {
	some i in symmetric
	cloud.unset(i.values, "rotation_period")
	f := cloud.fault(i, ["rotation_period"], "the key is never changed", "no rotation_period", "7776000s or less")
}

# A year is accepted by what others ask; CIS asks for 90 days.
finding contains f if {
	some i in symmetric
	period := cloud.text(object.get(i.values, "rotation_period", ""))
	regex.match(`^[0-9]+(\.[0-9]+)?s$`, period)
	seconds := to_number(trim_suffix(period, "s"))
	seconds > 7776000
	f := cloud.rated(cloud.fault(i, ["rotation_period"], "the key is changed seldom", period, "7776000s or less"), "low")
}
