# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services have a limit for memory"
# description: "Without a limit, one container takes the memory of the host from all others."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.11"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 7"
# custom:
#   id: compose.limits
#   severity: low
#   remediation: "Write deploy: {resources: {limits: {memory: 256M, cpus: \"0.5\", pids: 100}}}."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.limits

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	set := [p | some p in [["mem_limit"], ["deploy", "resources", "limits", "memory"]]; not pods.at(x.s.spec, p, null) in {null, "", 0, "0"}]
	count(set) == 0
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["deploy", "resources", "limits", "memory"]),
		"message": sprintf("service %q may take all memory", [x.s.name]), "found": "no limit", "expected": "a limit for memory",
	}
}
