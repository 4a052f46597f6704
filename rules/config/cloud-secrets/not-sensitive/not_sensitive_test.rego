# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_secrets.not_sensitive_test

import data.sealock.config.cloud_secrets.not_sensitive as rule
import data.sealock.lib.config_cloud_test as t

test_output if {
	findings := rule.finding with input as t.doc([t.item("output", "", "db_password", {"value": "${random_password.db.result}"})])
	t.paths(findings) == {["sensitive"]}
}

test_variable if {
	findings := rule.finding with input as t.doc([t.item("variable", "", "db_password", {"type": "string"})])
	t.paths(findings) == {["sensitive"]}
}

test_marked if {
	findings := rule.finding with input as t.doc([t.item("output", "", "db_password", {"value": "${random_password.db.result}", "sensitive": true}), t.item("variable", "", "db_password", {"sensitive": true}), t.item("variable", "", "api_key", {"ephemeral": "true"})])
	findings == set()
}

test_address if {
	findings := rule.finding with input as t.doc([t.item("output", "", "db_secret", {"value": "${aws_secretsmanager_secret.db.arn}"}), t.item("output", "", "secret_arn", {"value": "a"}), t.item("variable", "", "create_password", {"type": "bool", "default": true})])
	findings == set()
}
