# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.aws_user_credentials_test

import data.sealock.config.cloud_iam.aws_user_credentials as rule
import data.sealock.lib.config_cloud_test as t

test_access_key if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_access_key", {"user": "${aws_iam_user.ci.name}"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["user"]}
}

test_root_key if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_access_key", {"user": "root"})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["user"]}
}

test_login if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_user_login_profile", {"user": "alice"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["user"]}
}

test_inactive_key if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_access_key", {"user": "ci", "status": "Inactive"})])
	findings == set()
}

test_role if {
	findings := rule.finding with input as t.doc([t.res("aws_iam_role", {"name": "ci"})])
	findings == set()
}
