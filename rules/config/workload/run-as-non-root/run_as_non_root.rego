# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers must not run as root"
# description: "Root in a container is root on the node as soon as anything else gives way: a mounted folder, a fault of the kernel or of the runtime."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted: Running as Non-root"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.7"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.run-as-non-root
#   severity: medium
#   remediation: "Write runAsNonRoot: true in the pod's securityContext, and give the image a USER."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.run_as_non_root

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	said := pods.context(x, "runAsNonRoot")
	not config.truthy(said)
	user := pods.context(x, "runAsUser")
	not skipped(said, user)
	f := {
		"item": x.item.id, "path": pods.context_path(x, "runAsNonRoot"), "severity": severity(user),
		"message": message(x, user), "found": told(said), "expected": "runAsNonRoot: true", "fix": "securityContext: {runAsNonRoot: true}",
	}
}

# Where the user is root by number, workload.run-as-root says so.
skipped(said, user) if {
	said == null
	user in {0, "0"}
}

severity(user) := "low" if {
	is_number(user)
	user > 0
} else := "medium"

message(x, user) := sprintf("container %q runs as user %v, but nothing keeps it from root if that is changed", [x.c.name, user]) if {
	is_number(user)
	user > 0
} else := sprintf("container %q may run as root", [x.c.name])

told(said) := "runAsNonRoot is not set, neither by the container nor by the pod" if {
	said == null
} else := sprintf("runAsNonRoot: %v", [said])
