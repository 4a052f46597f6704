# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Providers sign in without written keys
# description: The keys of a provider can change everything that Terraform manages, and those in the code are in every copy of it.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
#   description: OWASP Secrets Management Cheat Sheet, section 2.1 (no secrets in code)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-5(7) No Embedded Unencrypted Static Authenticators
# - ref: https://registry.terraform.io/providers/hashicorp/aws/latest/docs
#   description: "AWS provider, authentication: hard-coded credentials are not recommended"
# custom:
#   id: cloud-secrets.provider-credentials
#   severity: critical
#   remediation: "Leave them out: sign in by OIDC federation or a role; change the ones that stood here."
#   zeroTrust: [Z25, Z28]
#   kinds: [terraform]
package sealock.config.cloud_secrets.provider_credentials

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

keys := {
	"access_key", "secret_key", "token", "client_secret", "password", "credentials", "api_key", "api_token", "app_key", "private_key", "client_key",
	"client_certificate_password", "personal_access_token", "admin_password", "auth_token", "secret_id", "access_token", "sas_token", "private_key_pem", "secret",
}

# Not secrets, or files that hold them.
harmless(v) if regex.match(`(?i)(\.json|\.pem|\.ya?ml)$`, v)

harmless(v) if v in {"mock_access_key", "mock_secret_key", "test", "fake", "mock", "anaccesskey", "asecretkey"}

finding contains f if {
	some i in input.terraform
	i.mode == "provider"
	some key in keys
	v := object.get(i.values, key, null)
	cloud.literal(v)
	not harmless(v)
	key != "access_key"
	not cloud.defaulted(i, v)
	f := cloud.fault(i, [key], sprintf("the provider's %s is written out", [key]), "a literal value", "OIDC federation or a role")
}

# A key's id and its secret are one fault; the id alone is one too.
finding contains f if {
	some i in input.terraform
	i.mode == "provider"
	v := object.get(i.values, "access_key", null)
	cloud.literal(v)
	not harmless(v)
	not cloud.literal(object.get(i.values, "secret_key", null))
	f := cloud.fault(i, ["access_key"], "the provider's access_key is written out", "a literal value", "OIDC federation or a role")
}

finding contains f if {
	some i in input.terraform
	i.mode == "terraform"
	some p in cloud.at(i.values, ["backend"])
	some key in keys
	v := object.get(p.block, key, null)
	cloud.literal(v)
	not harmless(v)
	f := cloud.fault(i, config.child(p.path, [key]), sprintf("the backend's %s is written out", [key]), "a literal value", "OIDC federation or a role")
}
