# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.bucket_versions_test

import data.sealock.config.cloud_logging.bucket_versions as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"})])
	t.paths(findings) == {[]}
}

test_put_off if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"versioning": [{"enabled": false}]})])
	t.paths(findings) == {["versioning", 0, "enabled"]}
}

test_suspended if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket_versioning", {"bucket": "b", "versioning_configuration": [{"status": "Suspended"}]})])
	t.paths(findings) == {["versioning_configuration", 0, "status"]}
}

test_on if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"versioning": [{"enabled": true}]})])
	findings == set()
}

test_on_by_its_own_resource if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"}), t.res_refs("aws_s3_bucket_versioning", {"bucket": "${aws_s3_bucket.this.id}", "versioning_configuration": [{"status": "Enabled"}]}, ["aws_s3_bucket.this"])])
	findings == set()
}
