# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_public_images_test

import data.sealock.config.cloud_exposure.aws_public_images as rule
import data.sealock.lib.config_cloud_test as t

test_image if {
	findings := rule.finding with input as t.doc([t.res("aws_ami_launch_permission", {"image_id": "ami-1", "group": "all"})])
	t.paths(findings) == {["group"]}
}

test_document if {
	findings := rule.finding with input as t.doc([t.res("aws_ssm_document", {"permissions": {"type": "Share", "account_ids": "All"}})])
	t.paths(findings) == {["permissions", "account_ids"]}
}

test_snapshot if {
	findings := rule.finding with input as t.doc([t.res("aws_db_snapshot", {"shared_accounts": ["all"]})])
	t.paths(findings) == {["shared_accounts", 0]}
}

test_named if {
	findings := rule.finding with input as t.doc([t.res("aws_ami_launch_permission", {"account_id": "111122223333"}), t.res("aws_db_snapshot", {"shared_accounts": ["111122223333"]}), t.res("aws_ssm_document", {})])
	findings == set()
}

test_locks if {
	findings := rule.finding with input as t.doc([t.res("aws_ebs_snapshot_block_public_access", {"state": "unblocked"}), t.res("aws_ec2_image_block_public_access", {"state": "block-new-sharing"})])
	t.paths(findings) == {["state"]}
	count(findings) == 1
}

test_images_that_are_distributed if {
	findings := rule.finding with input as t.doc([t.res("aws_imagebuilder_distribution_configuration", {"distribution": [{"ami_distribution_configuration": [{"launch_permission": [{"user_groups": ["all"]}]}]}, {"ami_distribution_configuration": [{"launch_permission": [{"user_ids": ["123456789012"]}]}]}]})])
	t.paths(findings) == {["distribution", 0, "ami_distribution_configuration", 0, "launch_permission", 0, "user_groups"]}
}
