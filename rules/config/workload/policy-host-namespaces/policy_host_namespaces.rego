# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies for pods admit none with the node's namespaces"
# description: "A pod in the node's namespaces sees its processes, memory and network: every network policy and login by address is passed by."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-policy/
#   description: "Kubernetes, PodSecurityPolicy and what came after it"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted"
# custom:
#   id: workload.policy-host-namespaces
#   severity: high
#   remediation: "Say hostNetwork, hostPID and hostIPC: false, and hostPath volumes of named folders only."
#   zeroTrust: [Z13, Z14]
#   kinds: [kubernetes]
package sealock.config.workload.policy_host_namespaces

import data.sealock.lib.config
import data.sealock.lib.config_pod_policy as policy

shared := {"hostNetwork", "hostPID", "hostIPC", "allowHostNetwork", "allowHostPID", "allowHostIPC"}

finding contains f if {
	some p in policy.policies
	some field in shared
	config.truthy(policy.field(p, [field], false))
	f := policy.fault(p, [field], "high", sprintf("%s: true", [field]), "false")
}
