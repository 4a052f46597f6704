# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_secrets.rotation_test

import data.sealock.config.cloud_secrets.rotation as rule
import data.sealock.lib.config_cloud_test as t

test_never if {
	findings := rule.finding with input as t.doc([t.res("aws_secretsmanager_secret", {"name": "a"}), t.res_refs("aws_secretsmanager_secret_version", {"secret_id": "${aws_secretsmanager_secret.this.id}"}, ["aws_secretsmanager_secret.this"])])
	t.paths(findings) == {[]}
}

test_seldom if {
	findings := rule.finding with input as t.doc([t.res("aws_secretsmanager_secret_rotation", {"rotation_rules": [{"automatically_after_days": 365}]})])
	t.paths(findings) == {["rotation_rules", 0, "automatically_after_days"]}
}

test_rotated if {
	findings := rule.finding with input as t.doc([t.res("aws_secretsmanager_secret", {"name": "a"}), t.res_refs("aws_secretsmanager_secret_version", {}, ["aws_secretsmanager_secret.this"]), t.res_refs("aws_secretsmanager_secret_rotation", {"rotation_rules": [{"automatically_after_days": 30}]}, ["aws_secretsmanager_secret.this"])])
	findings == set()
}

test_filled_elsewhere if {
	findings := rule.finding with input as t.doc([t.res("aws_secretsmanager_secret", {"name": "a"})])
	findings == set()
}
