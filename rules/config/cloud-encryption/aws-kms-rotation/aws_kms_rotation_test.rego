# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_kms_rotation_test

import data.sealock.config.cloud_encryption.aws_kms_rotation as rule
import data.sealock.lib.config_cloud_test as t

test_nothing_said if {
	findings := rule.finding with input as t.doc([t.res("aws_kms_key", {"description": "data"})])
	t.paths(findings) == {["enable_key_rotation"]}
}

test_off if {
	findings := rule.finding with input as t.doc([t.res("aws_kms_key", {"enable_key_rotation": "false"})])
	t.paths(findings) == {["enable_key_rotation"]}
}

test_on if {
	findings := rule.finding with input as t.doc([t.res("aws_kms_key", {"enable_key_rotation": true})])
	findings == set()
}

test_for_signing if {
	findings := rule.finding with input as t.doc([t.res("aws_kms_key", {"key_usage": "SIGN_VERIFY", "customer_master_key_spec": "ECC_NIST_P256"})])
	findings == set()
}

test_unknown if {
	findings := rule.finding with input as t.doc([t.res("aws_kms_key", {"enable_key_rotation": "${var.rotate}"})])
	findings == set()
}
