# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services stay in the control group that Docker gives them"
# description: "Limits of a control group hold for what is in it; in another one, the container escapes those that were meant for it."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.25"
# - ref: https://docs.docker.com/reference/compose-file/services/#cgroup_parent
#   description: "Docker, Compose file reference, cgroup_parent"
# custom:
#   id: compose.cgroup-parent
#   severity: low
#   remediation: "Remove cgroup_parent."
#   zeroTrust: [Z13]
#   kinds: [compose]
package sealock.config.compose.cgroup_parent

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.services
	parent := pods.at(x.s.spec, ["cgroup_parent"], "")
	parent != ""
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, ["cgroup_parent"]), "message": sprintf("service %q is put into the control group %v", [x.s.name, parent]),
		"found": sprintf("cgroup_parent: %v", [parent]), "expected": "no cgroup_parent",
	}
}
