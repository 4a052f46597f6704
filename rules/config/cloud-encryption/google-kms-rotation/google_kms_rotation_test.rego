# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.google_kms_rotation_test

import data.sealock.config.cloud_encryption.google_kms_rotation as rule
import data.sealock.lib.config_cloud_test as t

test_never if {
	findings := rule.finding with input as t.doc([t.res("google_kms_crypto_key", {"name": "a"})])
	t.paths(findings) == {["rotation_period"]}
}

test_seldom if {
	findings := rule.finding with input as t.doc([t.res("google_kms_crypto_key", {"rotation_period": "31536000s"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["rotation_period"]}
}

test_quarterly if {
	findings := rule.finding with input as t.doc([t.res("google_kms_crypto_key", {"rotation_period": "7776000s"})])
	findings == set()
}

test_for_signing if {
	findings := rule.finding with input as t.doc([t.res("google_kms_crypto_key", {"purpose": "ASYMMETRIC_SIGN"}), t.res("google_kms_crypto_key", {"rotation_period": "${var.period}"})])
	findings == set()
}
