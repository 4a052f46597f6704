# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_secrets.literal_credentials_test

import data.sealock.config.cloud_secrets.literal_credentials as rule
import data.sealock.lib.config_cloud_test as t

test_database if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"username": "admin", "password": "hunter2hunter2"})])
	t.paths(findings) == {["password"]}
}

test_cluster if {
	findings := rule.finding with input as t.doc([t.res("aws_rds_cluster", {"master_password": "correct-horse"})])
	t.paths(findings) == {["master_password"]}
}

test_azure if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server", {"administrator_login_password": "Passw0rd!"})])
	t.paths(findings) == {["administrator_login_password"]}
}

test_secret_itself if {
	findings := rule.finding with input as t.doc([t.res("aws_secretsmanager_secret_version", {"secret_string": "{\"user\":\"a\",\"key\":\"b\"}"})])
	t.paths(findings) == {["secret_string"]}
}

test_in_a_block if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"master_auth": [{"username": "admin", "password": "supersecretpassword"}]})])
	t.paths(findings) == {["master_auth", 0, "password"]}
}

test_disk_key if {
	findings := rule.finding with input as t.doc([t.res("google_compute_disk", {"disk_encryption_key": [{"raw_key": "SGVsbG8gZnJvbSBHb29nbGUgQ2xvdWQgUGxhdGZvcm0="}]})])
	t.paths(findings) == {["disk_encryption_key", 0, "raw_key"]}
}

test_argument_of_a_module if {
	findings := rule.finding with input as t.doc([t.item("module", "", "database", {"source": "./database", "db_password": "hunter2hunter2"})])
	t.paths(findings) == {["db_password"]}
}

test_parameter if {
	findings := rule.finding with input as t.doc([t.res("aws_ssm_parameter", {"type": "SecureString", "value": "hunter2"}), t.res("aws_ssm_parameter", {"type": "String", "value": "eu-central-1"})])
	t.paths(findings) == {["value"]}
}

test_references if {
	findings := rule.finding with input as t.doc([t.res("aws_db_instance", {"password": "${random_password.db.result}"}), t.res("aws_db_instance", {"password": "${var.password}"}), t.res("aws_db_instance", {"manage_master_user_password": true}), t.res("azurerm_linux_web_app", {"x_password": "@Microsoft.KeyVault(SecretUri=https://a)"}), t.res("aws_db_instance", {"password": ""})])
	findings == set()
}

test_default_is_reported_there if {
	findings := rule.finding with input as t.doc([t.item("variable", "", "password", {"default": "hunter2hunter2"}), t.res_refs("aws_db_instance", {"password": "hunter2hunter2"}, ["var.password"])])
	findings == set()
}

test_a_plan_has_the_values_of_variables if {
	findings := rule.finding with input as t.doc([object.union(t.planned("aws_db_instance", {"password": "hunter2hunter2"}), {"refs": ["var.password"]})])
	findings == set()
}

test_names_of_secrets if {
	findings := rule.finding with input as t.doc([t.item("module", "", "app", {"image_pull_secret": "regcred"}), t.res("aws_lambda_function", {"description": "password", "secret_name": "shop/db"}), t.res("aws_secretsmanager_secret", {"name": "shop/password"}), t.res("aws_iam_account_password_policy", {"minimum_password_length": 14}), t.res("aws_appautoscaling_policy", {"pagination_token": 3})])
	findings == set()
}

test_values_that_a_name_tells_of if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_automation_variable_string", {"name": "db_password", "value": "hunter2hunter2"}),
		t.res("azurerm_automation_variable_string", {"name": "region", "value": "westeurope"}),
		t.res("aws_ssm_parameter", {"name": "/shop/db_password", "type": "String", "value": "hunter2hunter2"}),
	])
	t.paths(findings) == {["value"]}
	count(findings) == 1
}

test_list_of_passwords if {
	findings := rule.finding with input as t.doc([t.res("aws_elasticache_user", {"user_name": "app", "passwords": ["${var.cache_password}", "hunter2hunter2"]})])
	t.paths(findings) == {["passwords", 1]}
	{f.message | some f in findings} == {"passwords is written out"}
}

test_key_of_a_tunnel if {
	findings := rule.finding with input as t.doc([t.res("azurerm_virtual_network_gateway_connection", {"shared_key": "tunnel-to-the-warehouse"}), t.res("aws_vpn_connection", {"tunnel1_preshared_key": "tunneltothewarehouse1"})])
	t.paths(findings) == {["shared_key"], ["tunnel1_preshared_key"]}
}

test_connection_string if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_data_factory_linked_service_sql_server", {"connection_string": "Data Source=orders;User ID=app;Password=hunter2hunter2"}),
		t.res("azurerm_linux_web_app", {"connection_string": [{"name": "db", "type": "SQLAzure", "value": "Server=orders;Password=hunter2hunter2;Encrypt=True"}, {"name": "queue", "type": "Custom", "value": "Endpoint=sb://orders/;SharedAccessKey=${var.key}"}]}),
	])
	t.paths(findings) == {["connection_string"], ["connection_string", 0, "value"]}
}

test_token_by_its_form if {
	findings := rule.finding with input as t.doc([t.res("azurerm_source_control_token", {"type": "GitHub", "x": sprintf("ghp_%s", ["forTestsOnlyForTestsOnlyForTestsOnly0"])}), t.res("null_resource", {"triggers": {"hash": "npm_config"}})])
	t.paths(findings) == {["x"]}
}
