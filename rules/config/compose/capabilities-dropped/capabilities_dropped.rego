# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services drop all capabilities"
# description: "Without a word, a container keeps some fourteen capabilities of root."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.4"
# - ref: https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
#   description: "OWASP Docker Security Cheat Sheet, RULE 3"
# custom:
#   id: compose.capabilities-dropped
#   severity: low
#   remediation: "Write cap_drop: [ALL]."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.capabilities_dropped

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	not config.truthy(pods.at(x.s.spec, ["privileged"], false))
	not "ALL" in {pods.capability(v) | some v in pods.list(x.s.spec, ["cap_drop"])}
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["cap_drop"]), "message": sprintf("service %q keeps capabilities that it was not given by name", [x.s.name]),
		"found": "cap_drop without ALL", "expected": "cap_drop: [ALL]",
	}
}
