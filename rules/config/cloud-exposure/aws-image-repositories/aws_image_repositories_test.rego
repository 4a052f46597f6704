# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_image_repositories_test

import data.sealock.config.cloud_exposure.aws_image_repositories as rule
import data.sealock.lib.config_cloud_test as t

test_tags_that_move if {
	findings := rule.finding with input as t.doc([t.res("aws_ecr_repository", {"image_scanning_configuration": [{"scan_on_push": true}]})])
	t.paths(findings) == {["image_tag_mutability"]}
}

test_no_scan if {
	findings := rule.finding with input as t.doc([t.res("aws_ecr_repository", {"image_tag_mutability": "IMMUTABLE", "image_scanning_configuration": [{"scan_on_push": false}]})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["image_scanning_configuration", 0, "scan_on_push"]}
}

test_images_of_anybody if {
	findings := rule.finding with input as t.doc([t.item("data", "aws_ami", "base", {"most_recent": true, "filter": [{"name": "name", "values": ["ubuntu-*"]}]})])
	t.paths(findings) == {["owners"]}
}

test_known if {
	findings := rule.finding with input as t.doc([
		t.item("data", "aws_ami", "base", {"owners": ["amazon"]}),
		t.item("data", "aws_ami", "own", {"filter": [{"name": "owner-id", "values": ["111122223333"]}]}),
		t.res("aws_ecr_repository", {"image_tag_mutability": "IMMUTABLE", "image_scanning_configuration": [{"scan_on_push": true}]}),
		t.res("aws_ecr_repository", {"image_tag_mutability": "IMMUTABLE_WITH_EXCLUSION", "image_scanning_configuration": [{"scan_on_push": true}]}),
	])
	findings == set()
}
