# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Terraform's state is stored encrypted"
# description: The state holds what the resources hold, passwords and keys included.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/backend/s3
#   description: Terraform S3 backend, encrypt
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-28(1) Cryptographic Protection of information at rest
# custom:
#   id: cloud-encryption.terraform-state
#   severity: high
#   remediation: Use a remote backend with encrypt = true and kms_key_id.
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.terraform_state

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in input.terraform
	i.mode == "terraform"
	some p in cloud.at(i.values, ["backend"])
	object.get(p.block, "type", "") == "s3"
	cloud.off(p.block, "encrypt")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["encrypt"]), "the state is not stored encrypted", sprintf("encrypt is %s", [cloud.shown(object.get(p.block, "encrypt", null))]), "encrypt = true"), severity(p.block))
}

# Without a word S3 encrypts it with its own key.
severity(block) := "high" if {
	cloud.put_off(block, "encrypt")
} else := "low"
