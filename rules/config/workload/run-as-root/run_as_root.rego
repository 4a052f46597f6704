# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No container runs as user 0"
# description: "The manifest asks for root, whatever user the image was built for."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted: Running as Non-root user"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.7"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.run-as-root
#   severity: high
#   remediation: "Set runAsUser to a number above 0, or remove it."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.run_as_root

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	pods.at(x.c.spec, ["securityContext", "runAsUser"], null) in {0, "0"}
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "runAsUser"]), "severity": severity(x.item, true),
		"message": sprintf("container %q runs as root", [x.c.name]), "found": "runAsUser: 0", "expected": "a number above 0, or none",
	}
}

finding contains f if {
	some w in config.workloads
	pods.on_linux(w)
	pods.at(w.pod.spec, ["securityContext", "runAsUser"], null) in {0, "0"}
	inherit := [c | some c in w.pod.containers; pods.at(c.spec, ["securityContext", "runAsUser"], null) == null]
	f := {
		"item": w.id, "path": pods.spec_path(w, ["securityContext", "runAsUser"]), "severity": severity(w, count(inherit) > 0),
		"message": "the pod's containers run as root unless they say otherwise", "found": "runAsUser: 0", "expected": "a number above 0, or none",
	}
}

severity(w, effective) := "high" if {
	effective
	not pods.own_users(w)
} else := "low"
