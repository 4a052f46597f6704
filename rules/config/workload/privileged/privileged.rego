# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Containers are not privileged"
# description: "A privileged container has the host's devices and all capabilities; whoever takes it over owns the node and everything that runs there."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, baseline: Privileged Containers"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.2"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.4.3"
# custom:
#   id: workload.privileged
#   severity: critical
#   remediation: "Remove privileged: true, and add the one capability that is needed."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.privileged

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	config.truthy(pods.at(x.c.spec, ["securityContext", "privileged"], false))
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "privileged"]),
		"message": sprintf("container %q is privileged", [x.c.name]),
		"found": "privileged: true", "expected": "privileged: false, or left out",
	}
}
