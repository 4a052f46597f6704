# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server checks who answers for it"
# description: "With insecureSkipTLSVerify the API server hands requests, with the caller's identity in them, to whoever answers in the place of an extension server."
# related_resources:
# - ref: https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/
#   description: "Kubernetes, aggregation layer"
# - ref: https://cwe.mitre.org/data/definitions/295.html
#   description: "CWE-295: Improper certificate validation"
# custom:
#   id: transit.api-service
#   severity: high
#   remediation: "Give caBundle, or let cert-manager write it, and remove insecureSkipTLSVerify."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.api_service

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some a in pods.of_kind({"APIService"})
	config.truthy(pods.at(a.object, ["spec", "insecureSkipTLSVerify"], false))
	f := {
		"item": a.id, "path": ["spec", "insecureSkipTLSVerify"], "message": sprintf("the API server believes any certificate for %s", [a.name]),
		"found": "insecureSkipTLSVerify: true", "expected": "a caBundle",
	}
}

# The same in files with credentials for clusters.
finding contains f if {
	some k in pods.of_kind({"Config"})
	some i, c in pods.list(k.object, ["clusters"])
	config.truthy(pods.at(c, ["cluster", "insecure-skip-tls-verify"], false))
	f := {
		"item": k.id, "path": ["clusters", i, "cluster", "insecure-skip-tls-verify"], "message": "clients believe any certificate of the API server",
		"found": "insecure-skip-tls-verify: true", "expected": "certificate-authority-data",
	}
}
