# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers run no SSH server"
# description: "A login service in a container is another way in, with keys and patches of its own, past the API server's audit log."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.2"
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: "CIS Docker Benchmark 1.6, 5.7"
# - ref: https://attack.mitre.org/techniques/T1021/004/
#   description: "MITRE ATT&CK T1021.004, remote services by SSH"
# custom:
#   id: exposure.ssh-port
#   severity: low
#   remediation: "Remove the server; use kubectl debug, which is authorized and logged."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.ssh_port

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	some i, p in pods.list(x.c.spec, ["ports"])
	pods.at(p, ["containerPort"], 0) in {22, "22", 2222, 23}
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["ports", i, "containerPort"]), "message": sprintf("container %q offers a login on port %v", [x.c.name, p.containerPort]),
		"found": sprintf("containerPort: %v", [p.containerPort]), "expected": "no login service",
	}
}
