# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Volumes and file systems are encrypted
# description: Snapshots and disks that are shared, copied or taken back by the provider are readable if they are not encrypted.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 2.2.1 and 2.4.1 (EBS and EFS encryption)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-28(1) Cryptographic Protection of information at rest
# custom:
#   id: cloud-encryption.aws-volumes
#   severity: high
#   remediation: Set encrypted = true, with kms_key_id, and aws_ebs_encryption_by_default for the account.
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_encryption.aws_volumes

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_ebs_volume", "aws_efs_file_system", "aws_ebs_snapshot_copy", "aws_ami_copy"})
	cloud.off(i.values, "encrypted")
	not default_for(i)
	f := cloud.fault(i, ["encrypted"], "it is not encrypted", sprintf("encrypted is %s", [cloud.shown(object.get(i.values, "encrypted", null))]), "encrypted = true")
}

default_for(i) if {
	i.type != "aws_efs_file_system"
	by_default
	not cloud.put_off(i.values, "encrypted")
}

# Where machines say it: the types, and the blocks of a disk.
disks := [
	[{"aws_instance", "aws_launch_configuration", "aws_spot_instance_request"}, ["root_block_device"]],
	[{"aws_instance", "aws_launch_configuration", "aws_spot_instance_request", "aws_ami"}, ["ebs_block_device"]],
	[{"aws_launch_template"}, ["block_device_mappings", "ebs"]],
	[{"aws_imagebuilder_image_recipe"}, ["block_device_mapping", "ebs"]],
	[{"aws_dlm_lifecycle_policy"}, ["policy_details", "schedule", "cross_region_copy_rule"]],
]

finding contains f if {
	some d in disks
	some i in cloud.managed(d[0])
	some p in cloud.at(i.values, d[1])
	cloud.off(p.block, "encrypted")
	not covered(p.block)
	f := cloud.fault(i, config.child(p.path, ["encrypted"]), "the disk is not encrypted", sprintf("encrypted is %s", [cloud.shown(object.get(p.block, "encrypted", null))]), "encrypted = true")
}

covered(block) if {
	by_default
	not cloud.put_off(block, "encrypted")
}

# A disk made from a snapshot has the snapshot's encryption.
covered(block) if {
	not object.get(block, "snapshot_id", null) in {null, ""}
	not cloud.put_off(block, "encrypted")
}

finding contains f if {
	some i in cloud.managed({"aws_instance", "aws_launch_configuration"})
	cloud.unset(i.values, "root_block_device")
	count(cloud.at(i.values, ["launch_template"])) == 0
	not by_default
	f := cloud.rated(cloud.fault(i, ["root_block_device"], "the root disk is as encrypted as its image, which is seldom", "no root_block_device", "root_block_device with encrypted = true"), "medium")
}

finding contains f if {
	some i in cloud.managed({"aws_ebs_encryption_by_default"})
	cloud.put_off(i.values, "enabled")
	f := cloud.fault(i, ["enabled"], "new volumes are not encrypted by default", "enabled = false", "true")
}

finding contains f if {
	some i in cloud.managed({"aws_workspaces_workspace"})
	some key in ["root_volume_encryption_enabled", "user_volume_encryption_enabled"]
	cloud.off(i.values, key)
	f := cloud.fault(i, [key], "the volume is not encrypted", sprintf("%s is %s", [key, cloud.shown(object.get(i.values, key, null))]), "true")
}

# Copies that an event sets off say it one block further in.
finding contains f if {
	some i in cloud.managed({"aws_dlm_lifecycle_policy"})
	some p in cloud.at(i.values, ["policy_details", "action", "cross_region_copy"])
	some s in cloud.settings(p.block, ["encryption_configuration"], "encrypted")
	cloud.off_value(s.value)
	f := cloud.fault(i, array.concat(p.path, s.path), "copies in the other region are not encrypted", sprintf("encrypted is %s", [cloud.shown(s.value)]), "encrypted = true")
}

by_default if {
	some i in cloud.managed({"aws_ebs_encryption_by_default"})
	not cloud.put_off(i.values, "enabled")
}
