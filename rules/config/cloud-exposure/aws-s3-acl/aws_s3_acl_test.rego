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

test_log_delivery_that_changes_the_list if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket_acl", {"access_control_policy": [{"grant": [{"permission": "WRITE_ACP", "grantee": [{"type": "Group", "uri": "http://acs.amazonaws.com/groups/s3/LogDelivery"}]}, {"permission": "WRITE", "grantee": [{"type": "Group", "uri": "http://acs.amazonaws.com/groups/s3/LogDelivery"}]}]}]})])
	t.paths(findings) == {["access_control_policy", 0, "grant", 0, "permission"]}
}

test_scripts_of_any_site if {
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket_cors_configuration", {"cors_rule": [{"allowed_methods": ["GET"], "allowed_origins": ["*"]}, {"allowed_methods": ["PUT"], "allowed_origins": ["*"]}]}), t.res("aws_s3_bucket", {"cors_rule": [{"allowed_methods": ["PUT"], "allowed_origins": ["https://shop.example"]}]})])
	t.paths(findings) == {["cors_rule", 1, "allowed_origins"]}
}

test_list_that_is_ignored if {
	block := t.res_refs("aws_s3_bucket_public_access_block", {"bucket": "${aws_s3_bucket.this.id}", "ignore_public_acls": true}, ["aws_s3_bucket.this"])
	findings := rule.finding with input as t.doc([t.res("aws_s3_bucket", {"acl": "public-read"}), t.res("aws_s3_bucket_acl", {"bucket": "${aws_s3_bucket.this.id}", "acl": "public-read"}), block])
	t.severities(findings) == {"low"}
}
