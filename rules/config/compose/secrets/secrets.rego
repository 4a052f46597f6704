# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No secret stands in a Compose file"
# description: "What stands in a file of the repository is known to everyone who reads it, and stays in its history."
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/798.html
#   description: "CWE-798: Use of hard-coded credentials"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 12"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-5(7)"
# custom:
#   id: compose.secrets
#   severity: high
#   remediation: "Use secrets: with a file outside the repository, or a variable without a default; change the secret, as it has been seen."
#   zeroTrust: [Z25]
#   kinds: [compose]
package sealock.config.compose.secrets

import data.sealock.lib.config_literals as literals
import data.sealock.lib.config_workload as pods

# variables is what services and their builds get: name, value, path.
variables contains {"item": x.item, "service": x.s.name, "path": array.concat(x.s.path, array.concat(field, [key])), "name": key, "value": value} if {
	some x in pods.services
	some field in [["environment"], ["build", "args"]]
	some key, value in pods.dict(x.s.spec, field)
}

variables contains {"item": x.item, "service": x.s.name, "path": array.concat(x.s.path, array.concat(field, [i])), "name": name, "value": value} if {
	some x in pods.services
	some field in [["environment"], ["build", "args"]]
	some i, line in pods.list(x.s.spec, field)
	is_string(line)
	name := split(line, "=")[0]
	value := substring(line, count(name) + 1, -1)
	contains(line, "=")
}

finding contains f if {
	some v in variables
	value := fallback(v.value)
	why := literals.secret(v.name, value)
	f := found(v.item, v.service, v.path, v.name, severity(v.value, value), why)
}

# ${NAME:-text} is text where nobody sets NAME.
fallback(v) := literals.default_of(v) if {
	is_string(v)
} else := v

severity(said, value) := "medium" if {
	said != value
} else := "high"

finding contains f if {
	some x in pods.services
	some field in ["command", "entrypoint"]
	line := words(pods.at(x.s.spec, [field], ""))
	names := literals.typed(line)
	count(names) > 0
	f := found(x.item, x.s.name, array.concat(x.s.path, [field]), concat(", ", sort({trim(n, "-= \t") | some n in names})), "high", "a secret")
}

words(v) := v if {
	is_string(v)
} else := concat(" ", [w | some w in v; is_string(w)]) if {
	is_array(v)
} else := ""

found(item, service, path, name, level, why) := {
	"item": item.id, "path": path, "severity": level, "message": sprintf("%s of service %q holds %s", [name, service, why]), "found": sprintf("a literal value in %s", [name]),
	"expected": "a secret from a file, or a variable without a default",
}
