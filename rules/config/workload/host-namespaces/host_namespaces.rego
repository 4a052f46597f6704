# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Pods have their own network, processes and IPC"
# description: "In the host's namespaces a pod sees and signals the node's processes, reads their memory segments, listens on the node's addresses and goes round every NetworkPolicy."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: Host Namespaces"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.3 to 5.2.5"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# custom:
#   id: workload.host-namespaces
#   severity: high
#   remediation: "Remove hostNetwork, hostPID and hostIPC; publish a port with a Service."
#   zeroTrust: [Z13, Z14]
#   kinds: [kubernetes]
package sealock.config.workload.host_namespaces

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

shared := {
	"hostNetwork": "the node's network, so no NetworkPolicy holds for it",
	"hostPID": "the node's processes",
	"hostIPC": "the node's shared memory",
}

finding contains f if {
	some w in config.workloads
	some field, what in shared
	config.truthy(pods.at(w.pod.spec, [field], false))
	f := {
		"item": w.id, "path": pods.spec_path(w, [field]), "message": sprintf("the pod shares %s", [what]),
		"found": sprintf("%s: true", [field]), "expected": sprintf("%s: false, or left out", [field]),
	}
}
