# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_secrets.variable_defaults_test

import data.sealock.config.cloud_secrets.variable_defaults as rule
import data.sealock.lib.config_cloud_test as t

test_password if {
	findings := rule.finding with input as t.doc([t.item("variable", "", "db_password", {"type": "string", "default": "Aa1234321Bb"})])
	t.paths(findings) == {["default"]}
}

test_key if {
	findings := rule.finding with input as t.doc([t.item("variable", "", "ci_user", {"default": "AKIAIOSFODNN7EXAMPLE"})])
	t.paths(findings) == {["default"]}
}

test_no_default if {
	findings := rule.finding with input as t.doc([t.item("variable", "", "db_password", {"type": "string", "sensitive": true})])
	findings == set()
}

test_empty if {
	findings := rule.finding with input as t.doc([t.item("variable", "", "db_password", {"default": ""}), t.item("variable", "", "secret", {"default": "shop/db"}), t.item("variable", "", "password_length", {"default": "16"}), t.item("variable", "", "token", {"default": null})])
	findings == set()
}
