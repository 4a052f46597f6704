# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Variables for secrets have no default
# description: A default stands in the repository, its history and every copy of it, and is used wherever nobody sets another.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
#   description: OWASP Secrets Management Cheat Sheet, section 2.1 (no secrets in code)
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
#   description: Manage sensitive data in Terraform
# custom:
#   id: cloud-secrets.variable-defaults
#   severity: high
#   remediation: Leave the default out, set sensitive = true, and pass the value from a secrets manager; change the one that stood here.
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_secrets.variable_defaults

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in input.terraform
	i.mode == "variable"
	v := object.get(i.values, "default", null)
	cloud.secret_value(i.name, v)
	not placeholder(v)
	f := cloud.fault(i, ["default"], sprintf("the variable %s has a default", [i.name]), "a literal value", "no default")
}

# Keys by another name.
finding contains f if {
	some i in input.terraform
	i.mode == "variable"
	not cloud.secret_name(i.name)
	v := object.get(i.values, "default", null)
	is_string(v)
	regex.match(`^((AKIA|ASIA)[A-Z0-9]{16}|-----BEGIN ([A-Z]+ )*PRIVATE KEY-----[\s\S]*)$`, v)
	f := cloud.fault(i, ["default"], sprintf("the default of the variable %s is a key", [i.name]), "a literal value", "no default")
}

# Names of secrets, not secrets.
placeholder(v) if regex.match(`^[a-z0-9-]+/[a-z0-9/_-]+$`, v)
