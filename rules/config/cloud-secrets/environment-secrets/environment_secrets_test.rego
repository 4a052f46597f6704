# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_secrets.environment_secrets_test

import data.sealock.config.cloud_secrets.environment_secrets as rule
import data.sealock.lib.config_cloud_test as t

test_function if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_function", {"environment": [{"variables": {"LEVEL": "info", "DB_PASSWORD": "hunter2"}}]})])
	t.paths(findings) == {["environment", 0, "variables", "DB_PASSWORD"]}
}

test_any_name if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_function", {"environment": [{"variables": {"KEY_ID": "AKIAIOSFODNN7EXAMPLE", "DB": "postgres://shop:hunter2@db/shop"}}]})])
	t.paths(findings) == {["environment", 0, "variables", "KEY_ID"], ["environment", 0, "variables", "DB"]}
}

test_task if {
	findings := rule.finding with input as t.doc([t.res("aws_ecs_task_definition", {"container_definitions": "[{\"name\":\"a\",\"environment\":[{\"name\":\"API_KEY\",\"value\":\"abc123\"}]}]"})])
	t.paths(findings) == {["container_definitions", 0, "environment", 0, "value"]}
}

test_build if {
	findings := rule.finding with input as t.doc([t.res("aws_codebuild_project", {"environment": [{"environment_variable": [{"name": "TOKEN", "value": "abc123", "type": "PLAINTEXT"}, {"name": "B_TOKEN", "value": "/shop/token", "type": "PARAMETER_STORE"}]}]})])
	t.paths(findings) == {["environment", 0, "environment_variable", 0, "value"]}
}

test_run if {
	findings := rule.finding with input as t.doc([t.res("google_cloud_run_service", {"template": [{"spec": [{"containers": [{"env": [{"name": "DB_PASSWORD", "value": "hunter2"}]}]}]}]})])
	t.paths(findings) == {["template", 0, "spec", 0, "containers", 0, "env", 0, "value"]}
}

test_chart if {
	findings := rule.finding with input as t.doc([t.res("helm_release", {"set": [{"name": "replicas", "value": "2"}, {"name": "auth.password", "value": "hunter2"}], "set_sensitive": [{"name": "db.password", "value": "${var.password}"}]})])
	t.paths(findings) == {["set", 1, "value"]}
}

test_app if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"app_settings": {"ApiKey": "abc123"}})])
	t.paths(findings) == {["app_settings", "ApiKey"]}
}

test_references if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_function", {"environment": [{"variables": {"DB_PASSWORD_ARN": "a", "DB_SECRET": "arn:aws:secretsmanager:eu:1:secret:a", "DB_PASSWORD": "${data.aws_ssm_parameter.a.value}"}}]}), t.res("azurerm_linux_web_app", {"app_settings": {"ApiKey": "@Microsoft.KeyVault(SecretUri=a)"}}), t.res("aws_ecs_task_definition", {"container_definitions": "[{\"secrets\":[{\"name\":\"API_KEY\",\"valueFrom\":\"arn:aws:ssm:a\"}]}]"})])
	findings == set()
}

test_keys_of_azure if {
	key := "Zm9yIHRlc3RzIG9ubHk6IHRoaXMgaXMgbm8ga2V5IG9mIGFueSBhY2NvdW50IHRoYXQgZXhpc3RzLCBub3cgbw=="
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_function_app", {"app_settings": {
		"LAKE": key,
		"QUEUE": sprintf("DefaultEndpointsProtocol=https;AccountName=orders;AccountKey=%s;EndpointSuffix=core.windows.net", [key]),
		"CHECKSUM": "Zm9yIHRoZSB0ZXN0IG9ubHk=",
	}})])
	t.paths(findings) == {["app_settings", "LAKE"], ["app_settings", "QUEUE"]}
}

test_tokens_by_their_form if {
	findings := rule.finding with input as t.doc([t.res("aws_lambda_function", {"environment": [{"variables": {
		"STRIPE": sprintf("sk_live_%s", ["forTestsOnlyForTestsOnly"]),
		"HUB": sprintf("ghp_%s", ["forTestsOnlyForTestsOnlyForTestsOnly0"]),
		"PREFIX": "ghp_",
	}}]})])
	t.paths(findings) == {["environment", 0, "variables", "STRIPE"], ["environment", 0, "variables", "HUB"]}
}
