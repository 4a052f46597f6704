# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Images come from a known owner and keep their content"
# description: "Whoever can move a tag, or publish an image of the right name, decides what runs next time."
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html
#   description: "AWS Security Hub, ECR.1 and ECR.2"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.2.2 Stale images in registries"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, SI-7 Software, Firmware, and Information Integrity"
# custom:
#   id: cloud-exposure.aws-image-repositories
#   severity: medium
#   remediation: "Set image_tag_mutability = \"IMMUTABLE\" and scan_on_push = true; name the owners of an aws_ami."
#   zeroTrust: [Z20]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_image_repositories

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_ecr_repository"})
	mutable := object.get(i.values, "image_tag_mutability", null)
	mutable in {null, "", "MUTABLE"}
	f := cloud.fault(i, ["image_tag_mutability"], "tags can be moved to other images", sprintf("image_tag_mutability is %s", [cloud.shown(mutable)]), "IMMUTABLE")
}

finding contains f if {
	some i in cloud.managed({"aws_ecr_repository"})
	count(cloud.managed({"aws_ecr_registry_scanning_configuration"})) == 0
	some s in cloud.settings(i.values, ["image_scanning_configuration"], "scan_on_push")
	cloud.off_value(s.value)
	f := cloud.rated(cloud.fault(i, s.path, "images are not scanned when they arrive", sprintf("scan_on_push is %s", [cloud.shown(s.value)]), "true"), "low")
}

finding contains f if {
	some i in config.data_items({"aws_ami", "aws_ami_ids"})
	cloud.unset(i.values, "owners")
	count([p | some p in cloud.at(i.values, ["filter"]); object.get(p.block, "name", "") in {"owner-id", "owner-alias", "image-id"}]) == 0
	f := cloud.fault(i, ["owners"], "an image of this name by anybody is taken", "no owners", "the account of the owner, or amazon")
}
