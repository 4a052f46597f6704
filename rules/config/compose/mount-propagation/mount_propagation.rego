# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Mounts of services stay in the service"
# description: "With shared propagation, what the container mounts appears on the host and in other containers."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.20"
# - ref: https://docs.docker.com/engine/storage/bind-mounts/#configure-bind-propagation
#   description: "Docker, bind propagation"
# custom:
#   id: compose.mount-propagation
#   severity: medium
#   remediation: "Remove the option; what only has to be seen needs slave or private."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.mount_propagation

import data.sealock.lib.config_workload as pods

modes := {"shared", "rshared"}

finding contains f if {
	some x in pods.services
	some i, v in pods.list(x.s.spec, ["volumes"])
	mode := propagation(v)
	mode.value in modes
	f := {
		"item": x.item.id, "path": array.concat(array.concat(x.s.path, ["volumes", i]), mode.path),
		"message": sprintf("what service %q mounts appears on the host", [x.s.name]), "found": mode.value, "expected": "no shared propagation",
	}
}

propagation(v) := {"path": [], "value": option} if {
	is_string(v)
	parts := split(v, ":")
	count(parts) > 2
	some option in split(parts[count(parts) - 1], ",")
	option in modes
} else := {"path": ["bind", "propagation"], "value": pods.at(v, ["bind", "propagation"], "")}
