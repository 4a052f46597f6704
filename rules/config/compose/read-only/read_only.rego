# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The root file system is read-only"
# description: "Whoever gets in can't leave a tool or change the program if there is nowhere to write."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.13"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 8"
# custom:
#   id: compose.read-only
#   severity: low
#   remediation: "Write read_only: true, and tmpfs: or a volume where the program has to write."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.read_only

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	not config.truthy(pods.at(x.s.spec, ["read_only"], false))
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["read_only"]), "message": sprintf("service %q can write to its own file system", [x.s.name]),
		"found": "read_only is not true", "expected": "read_only: true",
	}
}
