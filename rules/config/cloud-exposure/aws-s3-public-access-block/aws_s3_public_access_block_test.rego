# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_s3_public_access_block_test

import data.sealock.config.cloud_exposure.aws_s3_public_access_block as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"})])
	t.paths(findings) == {[]}
}

test_for_another_bucket if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"}), t.res_refs("aws_s3_bucket_public_access_block", {"bucket": "${aws_s3_bucket.other.id}", "block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}, ["aws_s3_bucket.other"])])
	t.paths(findings) == {[]}
}

test_in_part if {
	findings := rule.finding with input as t.doc([t.res_refs("aws_s3_bucket_public_access_block", {"bucket": "${aws_s3_bucket.this.id}", "block_public_acls": true, "block_public_policy": false, "ignore_public_acls": true}, ["aws_s3_bucket.this"])])
	t.paths(findings) == {["block_public_policy"]}
}

test_blocked if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"}), t.res_refs("aws_s3_bucket_public_access_block", {"bucket": "${aws_s3_bucket.this.id}", "block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}, ["aws_s3_bucket.this"])])
	findings == set()
}

test_blocked_in_the_account if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"bucket": "shop"}), t.res_refs("aws_s3_account_public_access_block", {"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}, [])])
	findings == set()
}

test_blocked_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("aws_s3_bucket", {"bucket": "shop"}), object.union(t.planned("aws_s3_bucket_public_access_block", {"block_public_acls": true, "block_public_policy": true, "ignore_public_acls": true, "restrict_public_buckets": true}), {"id": 2})])
	findings == set()
}

test_access_points if {
	findings := rule.finding with input as t.doc([
		t.res("aws_s3_access_point", {"public_access_block_configuration": [{"block_public_policy": false, "restrict_public_buckets": false}]}),
		t.res("aws_s3_access_point", {"bucket": "${aws_s3_bucket.a.id}"}),
	])
	t.paths(findings) == {["public_access_block_configuration", 0, "block_public_policy"]}
}
