# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Variables and outputs of secrets are marked as sensitive
# description: Terraform prints what is not marked in plans and logs, where many can read it.
# related_resources:
# - ref: https://developer.hashicorp.com/terraform/language/manage-sensitive-data
#   description: Manage sensitive data in Terraform
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AU-9 Protection of Audit Information
# custom:
#   id: cloud-secrets.not-sensitive
#   severity: low
#   remediation: Set sensitive = true (and ephemeral = true where the secret need not be in the state).
#   zeroTrust: [Z25]
#   kinds: [terraform]
package sealock.config.cloud_secrets.not_sensitive

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in input.terraform
	i.mode == "output"
	cloud.secret_name(i.name)
	every key in ["sensitive", "ephemeral"] {
		cloud.off(i.values, key)
	}
	of_text(object.get(i.values, "value", null))
	f := cloud.fault(i, ["sensitive"], sprintf("the output %s is printed", [i.name]), "not sensitive", "sensitive = true")
}

finding contains f if {
	some i in input.terraform
	i.mode == "variable"
	regex.match(`(?i)(password|passwd|secret_key|private_key|client_secret|api_key|auth_token|access_token)$`, i.name)
	every key in ["sensitive", "ephemeral"] {
		cloud.off(i.values, key)
	}
	not object.get(i.values, "type", "string") in {"bool", "number"}
	not is_boolean(object.get(i.values, "default", null))
	not is_number(object.get(i.values, "default", null))
	not reported(i)
	f := cloud.fault(i, ["sensitive"], sprintf("the variable %s is printed", [i.name]), "not sensitive", "sensitive = true")
}

# By variable-defaults.
reported(i) if cloud.secret_value(i.name, object.get(i.values, "default", null))

# Addresses and names of secrets are none.
of_text(v) if not is_string(v)

of_text(v) if {
	is_string(v)
	not regex.match(`\.(arn|id|name|self_link|secret_id|key_id|key_name|kms_key_id|public_key|public_key_openssh|version|fingerprint)(\}|$)`, v)
}
