# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services have a limit for processor time"
# description: "Without a limit, one container takes the time of the processors from all others."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.12"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 7"
# custom:
#   id: compose.cpu-limit
#   severity: low
#   remediation: "Write deploy: {resources: {limits: {cpus: \"0.5\"}}}."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.cpu_limit

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	set := [p | some p in [["cpus"], ["cpu_quota"], ["cpu_count"], ["cpu_percent"], ["cpuset"], ["deploy", "resources", "limits", "cpus"]]; not pods.at(x.s.spec, p, null) in {null, "", 0, "0", -1}]
	count(set) == 0
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["deploy", "resources", "limits", "cpus"]),
		"message": sprintf("service %q may take all processor time", [x.s.name]), "found": "no limit", "expected": "a limit for processor time",
	}
}
