# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.bucket_logs_test

import data.sealock.config.cloud_logging.bucket_logs as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"})])
	t.paths(findings) == {[]}
}

test_google if {
	findings := rule.finding with input as t.doc([t.res("google_storage_bucket", {"name": "shop"})])
	t.paths(findings) == {["logging"]}
}

test_logged if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"}), t.res_refs("aws_s3_bucket_logging", {"bucket": "${aws_s3_bucket.this.id}", "target_bucket": "shop-logs"}, ["aws_s3_bucket.this"]), t.res("google_storage_bucket", {"logging": [{"log_bucket": "a"}]})])
	findings == set()
}

test_keeps_logs if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop-access-logs"})])
	findings == set()
}
