# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies for pods admit no privileged pods"
# description: "A PodSecurityPolicy or SecurityContextConstraints that admits privileged pods is a way round every other rule for whoever may use it."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-policy/
#   description: "Kubernetes, PodSecurityPolicy and what came after it"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted"
# custom:
#   id: workload.pod-security-policy
#   severity: critical
#   remediation: "Replace it with Pod Security Admission and the restricted standard, or say privileged: false."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.pod_security_policy

import data.sealock.lib.config
import data.sealock.lib.config_pod_policy as policy

finding contains f if {
	some p in policy.policies
	some field in ["privileged", "allowPrivilegedContainer"]
	config.truthy(policy.field(p, [field], false))
	f := policy.fault(p, [field], "critical", sprintf("%s: true", [field]), "false")
}
