# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Storage classes make encrypted volumes
# description: Volumes that a class makes without encryption can be read from snapshots and disks that are copied, shared or taken back by the provider.
# related_resources:
# - ref: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
#   description: Amazon EBS CSI driver, parameters of a StorageClass
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-28(1) Cryptographic Protection of information at rest
# custom:
#   id: cloud-encryption.storage-class
#   severity: medium
#   remediation: "Write encrypted: \"true\" among the parameters, with kmsKeyId for a key of your own."
#   zeroTrust: [Z25]
#   kinds: [kubernetes]
package sealock.config.cloud_encryption.storage_class

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

# Drivers whose volumes are encrypted only if the class, or a setting of the account, asks for it.
drivers := {"ebs.csi.aws.com", "kubernetes.io/aws-ebs"}

finding contains f if {
	some c in pods.of_kind({"StorageClass"})
	pods.at(c.object, ["provisioner"], "") in drivers
	said := pods.at(c.object, ["parameters", "encrypted"], null)
	not on(said)
	f := {
		"item": c.id, "path": ["parameters", "encrypted"], "severity": severity(said),
		"message": sprintf("volumes of the class %s are not encrypted%s", [c.name, unless(said)]), "found": told(said), "expected": "encrypted: \"true\"",
	}
}

on(said) if config.truthy(said)

on(said) if lower(pods.text(said)) in {"true", "1", "t"}

severity(said) := "low" if {
	said == null
} else := "medium"

unless(said) := ", unless the account's own setting says so" if {
	said == null
} else := ""

told(said) := "encrypted is not set" if {
	said == null
} else := sprintf("encrypted: %v", [said])
