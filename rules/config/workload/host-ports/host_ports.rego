# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers take no port of the node"
# description: "A host port opens the container on the node's own addresses, past Services and often past NetworkPolicies."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: Host Ports"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.13"
# custom:
#   id: workload.host-ports
#   severity: medium
#   remediation: "Remove hostPort and publish the port with a Service."
#   zeroTrust: [Z13, Z14]
#   kinds: [kubernetes]
package sealock.config.workload.host_ports

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	some i, p in pods.list(x.c.spec, ["ports"])
	port := pods.at(p, ["hostPort"], 0)
	not port in {0, "0"}
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["ports", i, "hostPort"]),
		"message": sprintf("container %q takes port %v of the node", [x.c.name, port]), "found": sprintf("hostPort: %v", [port]), "expected": "no hostPort",
	}
}
