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
