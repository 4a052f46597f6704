# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles reach no secrets but by name"
# description: "Whoever can list secrets has the credentials of every workload in reach, and tokens of other service accounts; list and watch show the values as get does."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.2"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, listing secrets"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K03 Overly permissive RBAC configurations"
# custom:
#   id: rbac.secrets
#   severity: high
#   remediation: "Mount the secrets that are needed, or name them with resourceNames."
#   zeroTrust: [Z13, Z25]
#   kinds: [kubernetes]
package sealock.config.rbac.secrets

import data.sealock.lib.config_rbac as rbac

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := rbac.hits(g, "", {"secrets"}, {"get", "list", "watch"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "severity": rbac.by_reach(g, "high", "medium"),
		"message": sprintf("the role %s lets its holders read all secrets %s", [g.item.name, rbac.where(g)]), "found": rbac.told(g),
		"expected": "no secrets, or resourceNames",
	}
}

# Writing is enough too: a secret of the right type is filled with the token of any account, one in use can be replaced.
finding contains f if {
	some g in rbac.grants
	g.wide
	count(g.names) == 0
	not rbac.may(g, {"get", "list", "watch"})
	places := rbac.hits(g, "", {"secrets"}, {"create", "update", "patch"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "severity": "medium",
		"message": sprintf("the role %s lets its holders write secrets in every namespace", [g.item.name]), "found": rbac.told(g),
		"expected": "no secrets, or resourceNames",
	}
}
