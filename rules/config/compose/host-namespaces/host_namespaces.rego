# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services have their own network, processes and IPC"
# description: "In the host's namespaces a container listens on the host's addresses, and sees and signals its processes."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.10, 5.16, 5.17, 5.21 and 5.31"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: compose.host-namespaces
#   severity: high
#   remediation: "Remove the setting; publish ports with ports:."
#   zeroTrust: [Z13, Z14]
#   kinds: [compose]
package sealock.config.compose.host_namespaces

import data.sealock.lib.config_workload as pods

fields := {"network_mode": "network", "pid": "processes", "ipc": "shared memory", "uts": "name", "userns_mode": "users", "cgroup": "control groups"}

finding contains f if {
	some x in pods.services
	some field, what in fields
	pods.at(x.s.spec, [field], "") == "host"
	f := {
		"item": x.item.id, "path": array.concat(x.s.path, [field]), "severity": severity(field), "message": sprintf("service %q shares the host's %s", [x.s.name, what]),
		"found": sprintf("%s: host", [field]), "expected": "a namespace of its own",
	}
}

severity(field) := "medium" if {
	field in {"uts", "cgroup", "userns_mode"}
} else := "high"
