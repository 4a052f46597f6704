# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Windows containers are not host processes"
# description: "A HostProcess container runs on the node itself with its users and files; nothing keeps it from the other pods."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: HostProcess"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.11"
# custom:
#   id: workload.host-process
#   severity: critical
#   remediation: "Remove windowsOptions.hostProcess."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.host_process

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some w in config.workloads
	config.truthy(pods.at(w.pod.spec, ["securityContext", "windowsOptions", "hostProcess"], false))
	f := {
		"item": w.id, "path": pods.spec_path(w, ["securityContext", "windowsOptions", "hostProcess"]),
		"message": "the pod's containers are processes of the host", "found": "hostProcess: true", "expected": "hostProcess: false, or left out",
	}
}

finding contains f if {
	some x in pods.containers
	config.truthy(pods.at(x.c.spec, ["securityContext", "windowsOptions", "hostProcess"], false))
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "windowsOptions", "hostProcess"]),
		"message": sprintf("container %q is a process of the host", [x.c.name]), "found": "hostProcess: true",
		"expected": "hostProcess: false, or left out",
	}
}
