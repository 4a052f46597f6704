# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not make tokens for other accounts"
# description: "A token made with serviceaccounts/token is the account, for as long as its maker wishes."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.13"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, token request"
# custom:
#   id: rbac.token-create
#   severity: high
#   remediation: "Name the accounts with resourceNames, or remove the rule."
#   zeroTrust: [Z13, Z28]
#   kinds: [kubernetes]
package sealock.config.rbac.token_create

import data.sealock.lib.config_rbac as rbac

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := rbac.hits(g, "", {"serviceaccounts/token"}, {"create"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "severity": rbac.by_reach(g, "high", "medium"),
		"message": sprintf("the role %s lets its holders become any service account %s", [g.item.name, rbac.where(g)]), "found": rbac.told(g),
		"expected": "no serviceaccounts/token, or resourceNames",
	}
}
