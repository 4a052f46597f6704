# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No password or key is written in a resource
# description: What stands in Terraform is in the repository, its history and every copy of it, in plans and in the state.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
#   description: OWASP Secrets Management Cheat Sheet, section 2.1 and 5 (no secrets in code and infrastructure)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-5(7) No Embedded Unencrypted Static Authenticators
# custom:
#   id: cloud-secrets.literal-credentials
#   severity: high
#   remediation: Let the service make it (manage_master_user_password, random_password with a write-only argument), or read it from a secrets manager; change the one that stood here.
#   zeroTrust: [Z25, Z28]
#   kinds: [terraform]
package sealock.config.cloud_secrets.literal_credentials

import data.sealock.lib.config_cloud as cloud

# Attributes that hold secrets though their name does not end in what others end in, by type.
named := {
	"azuread_application_password": {"value"},
	"azuread_service_principal_password": {"value"},
	"aws_secretsmanager_secret_version": {"secret_string", "secret_binary"},
	"google_secret_manager_secret_version": {"secret_data"},
	"azurerm_key_vault_secret": {"value"},
	"aws_ssm_parameter": {"value"},
	"google_compute_disk": {"raw_key"},
	"google_compute_instance": {"raw_key", "disk_encryption_key_raw"},
	"kubernetes_secret": {"data", "binary_data"},
	"kubernetes_secret_v1": {"data", "binary_data"},
	"github_actions_secret": {"plaintext_value"},
	"github_actions_organization_secret": {"plaintext_value"},
	"github_actions_environment_secret": {"plaintext_value"},
	"github_dependabot_secret": {"plaintext_value"},
	"gitlab_project_variable": {"value"},
	"vault_generic_secret": {"data_json"},
	"azurerm_automation_variable_string": {"value"},
	"azurerm_api_management_named_value": {"value"},
	"azurerm_app_configuration_key": {"value"},
}

finding contains f if {
	some i in input.terraform
	i.mode in {"managed", "module"}
	not environment_of(i.type)
	walk(i.values, [path, v])
	count(path) > 0
	secret_here(i, path, v)
	not cloud.defaulted(i, v)
	not from_plan(i)
	not in_environment(path)
	names := [p | some p in path; is_string(p)]
	f := cloud.fault(i, path, sprintf("%s is written out", [names[count(names) - 1]]), "a literal value", "a value from a secrets manager")
}

secret_here(_, path, v) if {
	key := path[count(path) - 1]
	is_string(key)
	key != "connection_string"
	cloud.secret_value(key, v)
}

secret_here(i, path, v) if {
	cloud.literal(v)
	some key in named[i.type]
	path[0] == key
	secret_parameter(i)
}

# Lists of passwords, such as those of a user of a cache.
secret_here(_, path, v) if {
	count(path) > 1
	is_number(path[count(path) - 1])
	key := path[count(path) - 2]
	is_string(key)
	endswith(key, "s")
	cloud.secret_value(trim_suffix(key, "s"), v)
}

# A connection string that has the password in it.
secret_here(_, path, v) if {
	is_string(v)
	contains(v, ";")
	not contains(v, "\n")
	regex.match(`(?i)(^|[;"'])\s*(password|pwd|accountkey|sharedaccesskey)\s*=\s*[^;${}<>*"'\s]{6,}`, v)
	not regex.match(`(?i)(script|command|user_data|custom_data|description)`, sprintf("%v", [path]))
}

secret_here(_, _, v) if cloud.issued(v)

# At any depth: keys inside of blocks, such as disk_encryption_key.raw_key.
secret_here(i, path, v) if {
	cloud.literal(v)
	count(path) > 1
	key := path[count(path) - 1]
	key in (named[i.type] - {"value", "data"})
}

secret_parameter(i) if not i.type in by_name

by_name := {"aws_ssm_parameter", "gitlab_project_variable", "azurerm_automation_variable_string", "azurerm_api_management_named_value", "azurerm_app_configuration_key"}

# Values of which another attribute tells what they are.
secret_parameter(i) if {
	i.type in by_name
	some key in ["name", "key", "display_name"]
	parts := split(cloud.text(object.get(i.values, key, null)), "/")
	name := parts[count(parts) - 1]
	cloud.secret_name(name)
	not cloud.vague(name)
}

secret_parameter(i) if {
	i.type == "aws_ssm_parameter"
	object.get(i.values, "type", "") == "SecureString"
}

secret_parameter(i) if {
	i.type == "gitlab_project_variable"
	cloud.secret_name(object.get(i.values, "key", ""))
}

# Variables of environments are judged by environment-secrets.
in_environment(path) if {
	some key in path
	key in {"environment", "environment_variables", "app_settings", "env", "environment_variable", "tags", "tags_all", "labels"}
}

environment_of(type) if type in {"aws_iam_policy", "random_password", "random_string", "tls_private_key"}

# In a plan, values of variables are put in: a plan is not where they are written.
from_plan(i) if {
	object.get(i, "source", "hcl") == "plan"
	some r in i.refs
	startswith(r, "var.")
}
