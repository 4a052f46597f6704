# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No secrets in the environment of functions, containers and apps
# description: An environment is shown to everybody who may look at the function or task, and lands in logs and crash reports.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
#   description: OWASP Secrets Management Cheat Sheet, section 5.2 (environment variables)
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, section 3.1.4 (embedded clear text secrets)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-5(7) No Embedded Unencrypted Static Authenticators
# custom:
#   id: cloud-secrets.environment-secrets
#   severity: high
#   remediation: "Reference the secret: secrets/valueFrom of ECS, a Key Vault reference, secret_key_ref of Cloud Run, the Parameter and Secrets extension of Lambda."
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_secrets.environment_secrets

import data.sealock.lib.config_cloud as cloud

# Maps of variables: types, blocks, attribute.
maps := [
	[{"aws_lambda_function"}, ["environment"], "variables"],
	[{"azurerm_app_service", "azurerm_linux_web_app", "azurerm_windows_web_app", "azurerm_function_app", "azurerm_linux_function_app", "azurerm_windows_function_app", "azurerm_app_service_slot"}, [], "app_settings"],
	[{"google_cloudfunctions_function"}, [], "environment_variables"],
	[{"google_cloudfunctions2_function"}, ["service_config"], "environment_variables"],
	[{"aws_amplify_app", "aws_amplify_branch"}, [], "environment_variables"],
	[{"azurerm_container_group"}, ["container"], "environment_variables"],
	[{"aws_glue_job"}, [], "default_arguments"],
	[{"aws_apprunner_service"}, ["source_configuration", "image_repository", "image_configuration"], "runtime_environment_variables"],
]

finding contains f if {
	some m in maps
	some i in cloud.managed(m[0])
	some p in cloud.at(i.values, m[1])
	variables := object.get(p.block, m[2], null)
	is_object(variables)
	some name, v in variables
	secret(name, v)
	not cloud.defaulted(i, v)
	f := fault(i, array.concat(p.path, [m[2], name]), name)
}

# Lists of blocks with name and value.
lists := [
	[{"aws_codebuild_project"}, ["environment", "environment_variable"]],
	[{"google_cloud_run_service"}, ["template", "spec", "containers"]],
	[{"google_cloud_run_v2_service"}, ["template", "containers", "env"]],
	[{"azurerm_container_app"}, ["template", "container", "env"]],
	[{"aws_elastic_beanstalk_environment"}, ["setting"]],
	[{"helm_release"}, ["set"]],
	[{"helm_release"}, ["set_sensitive"]],
]

finding contains f if {
	some l in lists
	some i in cloud.managed(l[0])
	some p in cloud.at(i.values, l[1])
	some b in array.concat([{"path": [], "block": p.block}], cloud.at(p.block, ["env"]))
	name := object.get(b.block, "name", "")
	v := object.get(b.block, "value", null)
	secret(name, v)
	object.get(b.block, "type", "PLAINTEXT") == "PLAINTEXT"
	not cloud.defaulted(i, v)
	f := fault(i, array.concat(p.path, array.concat(b.path, ["value"])), name)
}

# Containers as JSON.
finding contains f if {
	some i in cloud.managed({"aws_ecs_task_definition", "aws_batch_job_definition"})
	some key in ["container_definitions", "container_properties"]
	text := object.get(i.values, key, "")
	is_string(text)
	json.is_valid(text)
	walk(json.unmarshal(text), [path, e])
	count(path) > 1
	path[count(path) - 2] == "environment"
	is_object(e)
	name := object.get(e, "name", "")
	v := object.get(e, "value", null)
	secret(name, v)
	not cloud.defaulted(i, v)
	f := fault(i, array.concat([key], array.concat(path, ["value"])), name)
}

fault(i, path, name) := cloud.fault(i, path, sprintf("the variable %s is written out", [name]), "a literal value", "a reference to a secret")

secret(name, v) if {
	cloud.literal(v)
	cloud.secret_name(name)
	not names_one(name, v)
}

# SECRET=shop/db says where the secret is.
names_one(name, v) if {
	cloud.vague(name)
	regex.match(`^[a-z0-9-]+(/[a-z0-9_-]+)+$`, v)
}

secret(_, v) if {
	is_string(v)
	regex.match(`^(AKIA|ASIA)[A-Z0-9]{16}$`, v)
}

secret(_, v) if {
	is_string(v)
	regex.match(`-----BEGIN ([A-Z]+ )*PRIVATE KEY-----`, v)
}

# A password in an address of a database.
secret(_, v) if {
	is_string(v)
	regex.match(`^[a-z][a-z0-9+.-]*://[^:/@\s$]+:[^@/\s${}<]{4,}@[^\s]+$`, v)
}

# A key of an Azure storage account or database.
secret(_, v) if {
	is_string(v)
	regex.match(`(^|;(Account|SharedAccess)Key=)[A-Za-z0-9+/]{86}==(;|$)`, v)
}

secret(_, v) if cloud.issued(v)
