# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers drop all capabilities"
# description: "Without a word, a container keeps some fourteen capabilities of root, among them ones to forge packets and to change files' owners."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted: Capabilities"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.10"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# custom:
#   id: workload.capabilities-dropped
#   severity: medium
#   remediation: "Write securityContext.capabilities.drop: [ALL]."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.capabilities_dropped

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	dropped := pods.list(x.c.spec, ["securityContext", "capabilities", "drop"])
	not "ALL" in {pods.capability(v) | some v in dropped}
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "capabilities", "drop"]),
		"message": sprintf("container %q keeps capabilities that it was not given by name", [x.c.name]),
		"found": said(dropped), "expected": "drop: [ALL]", "fix": "securityContext: {capabilities: {drop: [ALL]}}",
	}
}

said(dropped) := "no list of dropped capabilities" if {
	count(dropped) == 0
} else := sprintf("only %s dropped", [concat(", ", [pods.capability(v) | some v in dropped])])
