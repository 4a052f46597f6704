# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services have a limit for processes"
# description: "Without a limit, a program that starts itself over and over brings the whole host to a stop."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.29"
# - ref: https://docs.docker.com/reference/compose-file/deploy/#pids
#   description: "Docker, Compose file reference, deploy"
# custom:
#   id: compose.process-limit
#   severity: low
#   remediation: "Write deploy: {resources: {limits: {pids: 100}}}, or pids_limit: 100."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.process_limit

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	set := [p | some p in [["pids_limit"], ["deploy", "resources", "limits", "pids"]]; bounded(pods.at(x.s.spec, p, null))]
	count(set) == 0
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, place(x.s.spec)), "message": sprintf("service %q may start any number of processes", [x.s.name]),
		"found": "no limit", "expected": "a limit for processes",
	}
}

bounded(v) if not v in {null, "", 0, "0", -1, "-1"}

place(spec) := ["pids_limit"] if {
	pods.at(spec, ["pids_limit"], null) != null
} else := ["deploy", "resources", "limits", "pids"]
