# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Processes can't gain privileges"
# description: "Unless it is forbidden, a process in the container gains root's rights through any setuid file in the image."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted: Privilege Escalation"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.6"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Kubernetes Pod security"
# custom:
#   id: workload.privilege-escalation
#   severity: medium
#   remediation: "Write allowPrivilegeEscalation: false."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.privilege_escalation

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.linux
	said := pods.at(x.c.spec, ["securityContext", "allowPrivilegeEscalation"], null)
	not config.falsy(said)
	f := {
		"item": x.item.id, "path": pods.path(x.c, ["securityContext", "allowPrivilegeEscalation"]),
		"message": sprintf("processes of container %q can gain privileges", [x.c.name]), "found": told(said),
		"expected": "allowPrivilegeEscalation: false", "fix": "securityContext: {allowPrivilegeEscalation: false}",
	}
}

told(said) := "allowPrivilegeEscalation is not set" if {
	said == null
} else := sprintf("allowPrivilegeEscalation: %v", [said])
