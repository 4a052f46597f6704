# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_volumes_test

import data.sealock.config.cloud_encryption.aws_volumes as rule
import data.sealock.lib.config_cloud_test as t

test_volume if {
	findings := rule.finding with input as t.doc([t.res("aws_ebs_volume", {"size": 10})])
	t.paths(findings) == {["encrypted"]}
}

test_files if {
	findings := rule.finding with input as t.doc([t.res("aws_efs_file_system", {"encrypted": false})])
	t.paths(findings) == {["encrypted"]}
}

test_root_disk if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {"root_block_device": [{"volume_size": 10}], "ebs_block_device": [{"encrypted": "false"}]})])
	t.paths(findings) == {["root_block_device", 0, "encrypted"], ["ebs_block_device", 0, "encrypted"]}
}

test_no_root_disk if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {"ami": "ami-1"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["root_block_device"]}
}

test_template if {
	findings := rule.finding with input as t.doc([t.res("aws_launch_template", {"block_device_mappings": [{"ebs": [{"volume_size": 10}]}]})])
	t.paths(findings) == {["block_device_mappings", 0, "ebs", 0, "encrypted"]}
}

test_default_off if {
	findings := rule.finding with input as t.doc([t.res("aws_ebs_encryption_by_default", {"enabled": false})])
	t.paths(findings) == {["enabled"]}
}

test_encrypted if {
	findings := rule.finding with input as t.doc([t.res("aws_ebs_volume", {"encrypted": true}), t.res("aws_instance", {"root_block_device": [{"encrypted": true}]}), t.res("aws_efs_file_system", {"encrypted": "true"})])
	findings == set()
}

test_by_default if {
	findings := rule.finding with input as t.doc([t.res("aws_ebs_volume", {}), t.res("aws_instance", {}), t.res("aws_ebs_encryption_by_default", {})])
	findings == set()
}

test_copies_in_other_regions if {
	findings := rule.finding with input as t.doc([
		t.res("aws_dlm_lifecycle_policy", {"policy_details": [{"schedule": [{"cross_region_copy_rule": [{"target": "eu-west-2", "encrypted": false}]}]}]}),
		t.res("aws_dlm_lifecycle_policy", {"policy_details": [{"action": [{"cross_region_copy": [{"target": "eu-west-2", "encryption_configuration": [{}]}]}]}]}),
	])
	t.paths(findings) == {
		["policy_details", 0, "schedule", 0, "cross_region_copy_rule", 0, "encrypted"],
		["policy_details", 0, "action", 0, "cross_region_copy", 0, "encryption_configuration", 0, "encrypted"],
	}
}

test_disk_of_an_image_recipe if {
	findings := rule.finding with input as t.doc([t.res("aws_imagebuilder_image_recipe", {"block_device_mapping": [{"ebs": [{"volume_size": 20}]}, {"ebs": [{"encrypted": true}]}]})])
	t.paths(findings) == {["block_device_mapping", 0, "ebs", 0, "encrypted"]}
}

test_encrypted_copies if {
	findings := rule.finding with input as t.doc([t.res("aws_dlm_lifecycle_policy", {"policy_details": [{"schedule": [{"cross_region_copy_rule": [{"encrypted": true, "cmk_arn": "${aws_kms_key.b.arn}"}]}], "action": [{"cross_region_copy": [{"encryption_configuration": [{"encrypted": true}]}]}]}]})])
	findings == set()
}
