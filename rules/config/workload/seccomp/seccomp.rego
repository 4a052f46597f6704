# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers run under a seccomp profile"
# description: "Without a profile a container may make every system call of the kernel; most ways out of containers use ones that no service needs."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: Seccomp"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted: Seccomp"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.7.2"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# custom:
#   id: workload.seccomp
#   severity: medium
#   remediation: "Write seccompProfile: {type: RuntimeDefault} in the pod's securityContext."
#   zeroTrust: [Z27]
#   kinds: [kubernetes]
package sealock.config.workload.seccomp

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

profiles := {"RuntimeDefault", "Localhost"}

finding contains f if {
	some x in pods.linux
	kind := pods.at(x.c.spec, ["securityContext", "seccompProfile", "type"], null)
	kind != null
	not kind in profiles
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "seccompProfile", "type"]), "severity": "high",
		"message": sprintf("container %q may make every system call", [x.c.name]), "found": sprintf("type: %v", [kind]), "expected": "RuntimeDefault or Localhost",
	}
}

finding contains f if {
	some w in config.workloads
	pods.on_linux(w)
	kind := pods.at(w.pod.spec, ["securityContext", "seccompProfile", "type"], null)
	kind != null
	not kind in profiles
	f := {
		"item": w.id, "path": pods.spec_path(w, ["securityContext", "seccompProfile", "type"]), "severity": "high",
		"message": "the pod may make every system call", "found": sprintf("type: %v", [kind]), "expected": "RuntimeDefault or Localhost",
	}
}

finding contains f if {
	some x in pods.linux
	pods.at(x.c.spec, ["securityContext", "seccompProfile", "type"], null) == null
	pods.at(x.item.pod.spec, ["securityContext", "seccompProfile", "type"], null) == null
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "seccompProfile"]), "severity": missing(x),
		"message": sprintf("container %q has no seccomp profile%s", [x.c.name, hint(x)]), "found": "no seccompProfile, neither the container's nor the pod's",
		"expected": "RuntimeDefault or Localhost", "fix": "securityContext: {seccompProfile: {type: RuntimeDefault}}",
	}
}

# The annotations from before Kubernetes 1.19 do nothing since 1.27.
annotation(x) := pods.text(v) if {
	v := object.get(x.item.pod.annotations, sprintf("container.seccomp.security.alpha.kubernetes.io/%v", [x.c.name]), null)
	v != null
} else := pods.text(object.get(x.item.pod.annotations, "seccomp.security.alpha.kubernetes.io/pod", ""))

missing(x) := "low" if {
	regex.match(`^(runtime/default|docker/default|localhost/.+)$`, annotation(x))
} else := "medium"

hint(x) := "; the annotation does nothing since Kubernetes 1.27" if {
	annotation(x) != ""
} else := ""
