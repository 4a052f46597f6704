# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not let their holders into running pods"
# description: "exec, attach and debug containers run commands in other workloads, with their identities and secrets; port-forward and proxy go round every NetworkPolicy."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, privilege escalation risks"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K03 Overly permissive RBAC configurations"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: rbac.pod-exec
#   severity: high
#   remediation: "Remove the subresource; give it to people only, for as long as it is needed."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.pod_exec

import data.sealock.lib.config_rbac as rbac

ways := [
	{"resources": {"pods/exec", "pods/attach"}, "verbs": {"create", "get"}, "wide": "high", "narrow": "medium", "what": "run commands in pods"},
	{"resources": {"pods/ephemeralcontainers"}, "verbs": {"update", "patch"}, "wide": "high", "narrow": "medium", "what": "put containers into pods"},
	{"resources": {"pods/portforward", "pods/proxy", "services/proxy"}, "verbs": {"create", "get"}, "wide": "medium", "narrow": "low", "what": "reach pods through the API server"},
]

finding contains f if {
	some g in rbac.grants
	some way in ways
	places := rbac.hits(g, "", way.resources, way.verbs)
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "severity": rbac.by_reach(g, way.wide, way.narrow),
		"message": sprintf("the role %s lets its holders %s %s", [g.item.name, way.what, rbac.where(g)]), "found": rbac.told(g),
		"expected": "none of these subresources",
	}
}
