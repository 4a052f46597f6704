# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_secrets.user_data_test

import data.sealock.config.cloud_secrets.user_data as rule
import data.sealock.lib.config_cloud_test as t

test_access_key if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {"user_data": "#!/bin/sh\nexport AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE\n"})])
	t.paths(findings) == {["user_data"]}
}

test_private_key if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"metadata": {"startup-script": "cat > key <<E\n-----BEGIN RSA PRIVATE KEY-----\nMII"}})])
	t.paths(findings) == {["metadata", "startup-script"]}
}

test_password if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_virtual_machine", {"custom_data": "DB_PASSWORD=hunter2hunter2\n./start"})])
	t.paths(findings) == {["custom_data"]}
}

test_encoded if {
	findings := rule.finding with input as t.doc([t.res("aws_launch_template", {"user_data": "ZXhwb3J0IEFXU19BQ0NFU1NfS0VZX0lEPUFLSUFJT1NGT0ROTjdFWEFNUExFCg=="})])
	t.paths(findings) == {["user_data"]}
}

test_none if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {"user_data": "#!/bin/sh\napt-get update\nexport DB_PASSWORD=$(aws secretsmanager get-secret-value --secret-id shop)\n"}), t.res("aws_instance", {"user_data": "${file(\"start.sh\")}"}), t.res("aws_instance", {"tags": {"a": "b"}})])
	findings == set()
}

test_password_in_escaped_quotes if {
	findings := rule.finding with input as t.doc([t.res("azurerm_virtual_machine", {"os_profile": [{"custom_data": "export DB_PASSWORD=\\\"correcthorse\\\"\n"}]})])
	t.paths(findings) == {["os_profile", 0, "custom_data"]}
}

test_secret_from_elsewhere if {
	findings := rule.finding with input as t.doc([
		t.res("aws_instance", {"user_data": "#!/bin/sh\nmysql -h ${aws_db_instance.a.endpoint} -p'${var.db_password}' < init.sql\n"}),
		t.res("azurerm_linux_virtual_machine", {"custom_data": "./start --key ${random_password.app.result}"}),
		t.res("google_compute_instance", {"metadata_startup_script": "./start --secret ${google_secret_manager_secret.app.secret_id} --region ${var.region}"}),
	])
	t.paths(findings) == {["user_data"], ["custom_data"]}
	t.severities(findings) == {"medium"}
}

test_settings_of_an_extension if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_virtual_machine_extension", {"settings": `{"commandToExecute": "./join.sh; DB_PASSWORD=hunter2hunter2 ./start"}`}),
		t.res("azurerm_virtual_machine_extension", {"settings": `{"commandToExecute": "./join.sh"}`, "protected_settings": `{"storageAccountName": "a"}`}),
	])
	t.paths(findings) == {["settings"]}
	count(findings) == 1
}
