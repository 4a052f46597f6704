# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies for pods add no capabilities and take NET_RAW away"
# description: "Capabilities are parts of root's power; with NET_RAW, which containers have unless it is dropped, a pod forges packets of its neighbours."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-policy/
#   description: "Kubernetes, PodSecurityPolicy and what came after it"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted"
# custom:
#   id: workload.policy-capabilities
#   severity: high
#   remediation: "Leave allowedCapabilities and defaultAddCapabilities empty, and set requiredDropCapabilities: [ALL]."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.policy_capabilities

import data.sealock.lib.config_pod_policy as policy
import data.sealock.lib.config_workload as pods

finding contains f if {
	some p in policy.policies
	some field in ["allowedCapabilities", "defaultAddCapabilities"]
	some i, c in policy.items(p, field)
	not c in {"NET_BIND_SERVICE", "CAP_NET_BIND_SERVICE"}
	f := policy.fault(p, [field, i], severity(c), sprintf("%s: %v", [field, c]), "none, or NET_BIND_SERVICE")
}

severity(c) := "high" if {
	c in {"*", "ALL"}
} else := "high" if {
	pods.capability(c) in pods.dangerous
} else := "medium"

finding contains f if {
	some p in policy.policies
	dropped := {pods.capability(c) | some c in policy.items(p, "requiredDropCapabilities")}
	count(dropped & {"ALL", "NET_RAW"}) == 0
	f := policy.fault(p, ["requiredDropCapabilities"], "medium", "NET_RAW is not dropped", "requiredDropCapabilities: [ALL]")
}
