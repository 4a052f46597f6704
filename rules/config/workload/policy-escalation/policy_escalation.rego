# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies for pods admit no gain of privileges"
# description: "With allowPrivilegeEscalation a program with a setuid bit makes a process root again, whatever user the pod was given."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-policy/
#   description: "Kubernetes, PodSecurityPolicy and what came after it"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-standards/
#   description: "Pod Security Standards, restricted"
# custom:
#   id: workload.policy-escalation
#   severity: medium
#   remediation: "Say allowPrivilegeEscalation: false."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.policy_escalation

import data.sealock.lib.config
import data.sealock.lib.config_pod_policy as policy

finding contains f if {
	some p in policy.policies
	default_is := p.item.kind == "PodSecurityPolicy"
	value := policy.field(p, [name(p)], default_is)
	not config.falsy(value)
	f := policy.fault(p, [name(p)], "medium", sprintf("%s is not false", [name(p)]), "false")
}

name(p) := "allowPrivilegeEscalation" if {
	p.item.kind == "PodSecurityPolicy"
} else := "allowPrivilegeEscalation" if {
	policy.field(p, ["allowPrivilegeEscalation"], null) != null
} else := "defaultAllowPrivilegeEscalation"
