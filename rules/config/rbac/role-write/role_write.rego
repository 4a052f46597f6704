# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles and bindings are not written by workloads"
# description: "Whoever can write bindings can bind every role that they hold to others, and to the roles named with bind; it is the first step of most ways to the whole cluster."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, privilege escalation risks"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6(1)"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K03 Overly permissive RBAC configurations"
# custom:
#   id: rbac.role-write
#   severity: medium
#   remediation: "Apply roles and bindings from the pipeline, and let workloads read them at most."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.role_write

import data.sealock.lib.config_rbac as rbac

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := rbac.hits(g, "rbac.authorization.k8s.io", {"roles", "clusterroles", "rolebindings", "clusterrolebindings"}, {"create", "update", "patch"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "severity": rbac.by_reach(g, "medium", "low"),
		"message": sprintf("the role %s lets its holders write roles or bindings %s", [g.item.name, rbac.where(g)]), "found": rbac.told(g),
		"expected": "get, list and watch at most",
	}
}
