# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_s3_acl_test

import data.sealock.config.cloud_exposure.aws_s3_acl as rule
import data.sealock.lib.config_cloud_test as t

test_public if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"acl": "public-read"})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["acl"]}
}

test_public_in_its_own_resource if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket_acl", {"bucket": "${aws_s3_bucket.this.id}", "acl": "public-read-write"})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["acl"]}
}

test_grant if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket_acl", {"access_control_policy": [{"grant": [{"permission": "READ", "grantee": [{"type": "Group", "uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]}]}]})])
	t.paths(findings) == {["access_control_policy", 0, "grant", 0, "grantee", 0, "uri"]}
}

test_any_account if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket_acl", {"acl": "authenticated-read"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["acl"]}
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"acl": "private"}), t.res("aws_s3_bucket_acl", {"acl": "log-delivery-write"}), t.res("aws_s3_bucket", {"grant": [{"uri": "http://acs.amazonaws.com/groups/s3/LogDelivery"}]}), t.res("aws_s3_bucket", {})])
	findings == set()
}
