# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Processes can't gain privileges"
# description: "Unless it is forbidden, a process in the container gains root's rights through any setuid file in the image."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.26"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 4"
# custom:
#   id: compose.no-new-privileges
#   severity: low
#   remediation: "Write security_opt: [\"no-new-privileges:true\"]."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.no_new_privileges

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	options := {replace(lower(v), "=", ":") | some v in pods.list(x.s.spec, ["security_opt"]); is_string(v)}
	count(options & {"no-new-privileges", "no-new-privileges:true", "no-new-privileges:false"}) == 0
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["security_opt"]), "message": sprintf("processes of service %q can gain privileges", [x.s.name]),
		"found": "no no-new-privileges", "expected": "no-new-privileges:true",
	}
}

finding contains f if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["security_opt"])
	is_string(v)
	replace(lower(v), "=", ":") == "no-new-privileges:false"
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["security_opt", i]), "severity": "medium", "message": sprintf("processes of service %q can gain privileges", [x.s.name]),
		"found": v, "expected": "no-new-privileges:true",
	}
}
