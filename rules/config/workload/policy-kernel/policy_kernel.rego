# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies for pods admit neither an unmasked /proc nor unsafe sysctls"
# description: "What is masked in /proc, and sysctls that are not kept apart, are settings of the node's kernel."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-policy/
#   description: "Kubernetes, PodSecurityPolicy and what came after it"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted"
# custom:
#   id: workload.policy-kernel
#   severity: high
#   remediation: "Leave allowedProcMountTypes and allowedUnsafeSysctls out."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.policy_kernel

import data.sealock.lib.config_pod_policy as policy

finding contains f if {
	some p in policy.policies
	some i, v in policy.items(p, "allowedProcMountTypes")
	v in {"Unmasked", "*"}
	f := policy.fault(p, ["allowedProcMountTypes", i], "high", sprintf("allowedProcMountTypes: %s", [v]), "Default")
}

finding contains f if {
	some p in policy.policies
	some i, v in policy.items(p, "allowedUnsafeSysctls")
	f := policy.fault(p, ["allowedUnsafeSysctls", i], "high", sprintf("allowedUnsafeSysctls: %v", [v]), "none")
}
