# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not use policies that admit privileged pods"
# description: "With use on such a policy (SecurityContextConstraints of OpenShift, PodSecurityPolicies of old clusters) pods run as root or with the node's files."
# related_resources:
# - ref: https://docs.openshift.com/container-platform/latest/authentication/managing-security-context-constraints.html
#   description: "OpenShift, managing security context constraints"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.2.1"
# custom:
#   id: rbac.privileged-policy
#   severity: high
#   remediation: "Name a restricted policy with resourceNames: [restricted-v2]."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.privileged_policy

import data.sealock.lib.config_rbac as rbac

groups := {"security.openshift.io": {"securitycontextconstraints"}, "policy": {"podsecuritypolicies"}, "extensions": {"podsecuritypolicies"}}

strong := {"privileged", "anyuid", "hostaccess", "hostmount-anyuid", "hostmount-anyuid-v2", "hostnetwork", "hostnetwork-v2", "nested-container"}

finding contains f if {
	some g in rbac.grants
	places := {p | some group, resources in groups; some p in rbac.hits(g, group, resources, {"use"})}
	count(places) > 0
	bad(g.names)
	f := {
		"item": g.item.id, "path": rbac.path(g, [min(places)]), "message": sprintf("the role %s lets pods be privileged", [g.item.name]),
		"found": rbac.told(g), "expected": "a restricted policy, by name",
	}
}

# OpenShift has a role for each of its policies.
finding contains f if {
	some s in rbac.subjects
	startswith(s.role, "system:openshift:scc:")
	trim_prefix(s.role, "system:openshift:scc:") in strong
	f := {
		"item": s.item.id, "path": s.path, "message": sprintf("%s may run pods under the policy %s", [s.name, trim_prefix(s.role, "system:openshift:scc:")]),
		"found": s.role, "expected": "system:openshift:scc:restricted-v2",
	}
}

bad(names) if count(names) == 0

bad(names) if {
	some n in names
	n in strong
}
