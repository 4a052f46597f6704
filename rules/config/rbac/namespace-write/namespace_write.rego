# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not change namespaces"
# description: "The labels of a namespace say which Pod Security Standard is enforced in it, which network policies of others let it in and which webhooks look at it: whoever changes them switches these off."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, namespace modification"
# - ref: https://kubernetes.io/docs/concepts/security/pod-security-admission/
#   description: "Kubernetes, Pod Security Admission, labels of namespaces"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: rbac.namespace-write
#   severity: medium
#   remediation: "Let the pipeline alone change namespaces, or name them with resourceNames."
#   zeroTrust: [Z13, Z14]
#   kinds: [kubernetes]
package sealock.config.rbac.namespace_write

import data.sealock.lib.config_rbac as rbac

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := rbac.hits(g, "", {"namespaces"}, {"update", "patch"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "severity": rbac.by_reach(g, "medium", "low"),
		"message": sprintf("the role %s lets its holders change %s", [g.item.name, what(g)]), "found": rbac.told(g),
		"expected": "get, list and watch at most, or resourceNames",
	}
}

what(g) := "every namespace" if {
	g.wide
} else := "the labels of its namespace"
