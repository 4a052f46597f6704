# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No credentials in what machines run when they start
# description: The start script of a machine is readable for everything that runs on it and for everybody who may describe the machine.
# related_resources:
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Secrets_Management_Cheat_Sheet.html
#   description: OWASP Secrets Management Cheat Sheet, section 5 (no secrets in infrastructure)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-5(7) No Embedded Unencrypted Static Authenticators
# custom:
#   id: cloud-secrets.user-data
#   severity: critical
#   remediation: Give the machine a role or identity, and read secrets at the start from a secrets manager; change the ones that stood here.
#   zeroTrust: [Z25, Z28]
#   kinds: [terraform]
package sealock.config.cloud_secrets.user_data

import data.sealock.lib.config_cloud as cloud

scripts := {"user_data", "user_data_base64", "custom_data", "metadata_startup_script", "startup_script", "startup-script", "windows-startup-script-ps1", "ssh-keys-private", "user-data", "inline", "command"}

# Every text that a machine runs: {item, path, text}.
started contains {"item": i, "path": path, "text": v} if {
	some i in input.terraform
	i.mode in {"managed", "module"}
	walk(i.values, [path, v])
	is_string(v)
	run_at_start(i, path)
}

finding contains f if {
	some s in started
	what := secret_in(decoded(s.text))
	f := cloud.fault(s.item, s.path, sprintf("%s stands in what the machine runs", [what]), "a literal value", "a role, or a secret read at the start")
}

# A secret that is put in from elsewhere is out of the repository, and still readable on the machine.
finding contains f if {
	some s in started
	not secret_in(decoded(s.text))
	some reference in regex.find_n(`\$\{[A-Za-z0-9_.\[\]"-]+\}`, s.text, 100)
	parts := split(trim_suffix(reference, "}"), ".")
	secret_reference(reference, parts[count(parts) - 1])
	f := cloud.rated(cloud.fault(s.item, s.path, "a secret is put into what the machine runs", trim_suffix(trim_prefix(reference, "${"), "}"), "a role, or a secret read at the start"), "medium")
}

secret_reference(reference, _) if startswith(reference, "${random_password.")

secret_reference(_, name) if {
	cloud.secret_name(name)
	not cloud.vague(name)
}

run_at_start(_, path) if {
	some key in path
	key in scripts
}

# Commands that an extension runs stand in its settings, of which only the protected ones are kept secret.
run_at_start(i, path) if {
	i.type in {"azurerm_virtual_machine_extension", "azurerm_virtual_machine_scale_set_extension", "azurerm_arc_machine_extension"}
	path[0] == "settings"
}

decoded(v) := base64.decode(v) if {
	regex.match(`^[A-Za-z0-9+/\s]{40,}={0,2}\s*$`, v)
	base64.is_valid(v)
} else := v

secret_in(text) := "an access key" if {
	regex.match(`(^|[^A-Z0-9])(AKIA|ASIA)[A-Z0-9]{16}([^A-Z0-9]|$)`, text)
} else := "a secret access key" if {
	regex.match(`(?i)aws_secret_access_key["']?\s*[=:]\s*["']?[A-Za-z0-9/+=]{30,}`, text)
} else := "a private key" if {
	regex.match(`-----BEGIN ([A-Z]+ )*PRIVATE KEY-----`, text)
} else := "a token" if {
	regex.match(`(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40,}|xox[bap]-[A-Za-z0-9-]{20,}|glpat-[A-Za-z0-9_-]{20})`, text)
} else := "a password" if {
	regex.match(`(?i)(^|[\s;"'-])[a-z0-9_]*(password|passwd|secret_key|api_key|auth_token)["']?\s*[=:]\s*\\?["']?[A-Za-z0-9!@#%^&*_+./-]{6,}\\?["']?(\s|;|$)`, without_references(text))
}

# Values that come from elsewhere: references, variables of the shell, commands.
without_references(text) := regex.replace(text, `(?i)(password|passwd|secret_key|api_key|auth_token)["']?\s*[=:]\s*["']?(\$|\{\{|<)`, "reference ")
