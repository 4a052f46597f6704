# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_secrets.sent_away_test

import data.sealock.config.cloud_secrets.sent_away as rule
import data.sealock.lib.config_cloud_test as t

http(values) := t.item("data", "http", "this", values)

test_in_the_address if {
	findings := rule.finding with input as t.doc([http({"url": "https://status.example.com/up?key=${aws_ssm_parameter.db.value}"})])
	t.paths(findings) == {["url"]}
}

test_in_the_body if {
	findings := rule.finding with input as t.doc([http({"url": "https://hooks.example.com/", "request_body": "{\"p\": \"${var.db_password}\"}"})])
	t.paths(findings) == {["request_body"]}
}

test_in_clear_text if {
	findings := rule.finding with input as t.doc([http({"url": "http://registry.example.com/v2/", "request_headers": {"Authorization": "Bearer ${var.token}"}})])
	t.paths(findings) == {["url"]}
}

test_no_secret if {
	findings := rule.finding with input as t.doc([
		http({"url": "https://checkip.amazonaws.com"}),
		http({"url": "https://registry.example.com/v2/${var.region}/${aws_ssm_parameter.version.name}", "request_headers": {"Authorization": "Bearer ${var.token}"}}),
	])
	findings == set()
}
