# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Projected tokens are for one audience and live for hours at most"
# description: "A token with an audience is worth nothing elsewhere, and one that ends soon is worth little when stolen."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/storage/projected-volumes/#serviceaccounttoken
#   description: "Kubernetes, service account token projection"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-5"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.6"
# custom:
#   id: identity.projected-token
#   severity: medium
#   remediation: "Set audience to the service that the token is for, and expirationSeconds to an hour."
#   zeroTrust: [Z10, Z28]
#   kinds: [kubernetes]
#   parameters:
#     maxSeconds: {type: number, min: 600, default: 86400, about: "the longest life of a token, in seconds"}
package sealock.config.identity.projected_token

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

params := data.params["identity.projected-token"]

projected contains {"item": w, "path": pods.spec_path(w, ["volumes", i, "projected", "sources", j, "serviceAccountToken"]), "token": token, "api": for_the_api(sources)} if {
	some w in config.workloads
	some i, v in pods.list(w.pod.spec, ["volumes"])
	sources := pods.list(v, ["projected", "sources"])
	some j, s in sources
	token := pods.at(s, ["serviceAccountToken"], null)
	is_object(token)
}

# The token for the API server lies beside the cluster's certificate, and has no audience of its own.
for_the_api(sources) if {
	some s in sources
	pods.at(s, ["configMap", "name"], "") in {"kube-root-ca.crt", "openshift-service-ca.crt"}
} else := false

finding contains f if {
	some p in projected
	seconds := pods.at(p.token, ["expirationSeconds"], 3600)
	is_number(seconds)
	seconds > params.maxSeconds
	f := {
		"item": p.item.id, "path": array.concat(p.path, ["expirationSeconds"]), "message": sprintf("the token lives for %d hours", [round(seconds / 3600)]),
		"found": sprintf("expirationSeconds: %v", [seconds]), "expected": sprintf("at most %v", [params.maxSeconds]),
	}
}

finding contains f if {
	some p in projected
	p.api == false
	pods.at(p.token, ["audience"], "") == ""
	f := {
		"item": p.item.id, "path": array.concat(p.path, ["audience"]), "severity": "low", "message": "the token names no audience, so the API server takes it",
		"found": "no audience", "expected": "the service that the token is for",
	}
}
