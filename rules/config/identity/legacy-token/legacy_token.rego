# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No service account has a token that never ends"
# description: "A Secret of the type service-account-token is filled with a token that holds until the account is deleted; whoever read it once keeps it."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/service-accounts/#get-a-token
#   description: "Kubernetes, long-lived tokens are discouraged"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.6"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K06 Broken authentication mechanisms"
# custom:
#   id: identity.legacy-token
#   severity: high
#   remediation: "Use a projected token, or `kubectl create token`, which end by themselves."
#   zeroTrust: [Z28]
#   kinds: [kubernetes]
package sealock.config.identity.legacy_token

import data.sealock.lib.config_workload as pods

finding contains f if {
	some s in pods.of_kind({"Secret"})
	s.group == ""
	pods.at(s.object, ["type"], "") == "kubernetes.io/service-account-token"
	f := {
		"item": s.id, "path": ["type"],
		"message": sprintf("the secret holds a token of the account %v that never ends", [pods.at(s.object, ["metadata", "annotations", "kubernetes.io/service-account.name"], "that it names")]),
		"found": "kubernetes.io/service-account-token", "expected": "a projected token",
	}
}
