# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Each rule of an Ingress is for named hosts"
# description: "A rule without a host, or with a wildcard, answers to names nobody thought of, and takes over hosts that other rules leave out."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/ingress/#hostname-wildcards
#   description: "Kubernetes, Ingress, hostname wildcards"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7"
# custom:
#   id: exposure.ingress-host
#   severity: low
#   remediation: "Name the host."
#   zeroTrust: [Z14, Z20]
#   kinds: [kubernetes]
package sealock.config.exposure.ingress_host

import data.sealock.lib.config_workload as pods

finding contains f if {
	some i in pods.of_kind({"Ingress"})
	i.group in {"networking.k8s.io", "extensions"}
	some n, r in pods.list(i.object, ["spec", "rules"])
	host := pods.text(pods.at(r, ["host"], ""))
	wide(host)
	f := {
		"item": i.id, "path": ["spec", "rules", n, "host"], "message": sprintf("the Ingress %s answers %s", [i.name, to(host)]), "found": told(host),
		"expected": "a named host",
	}
}

finding contains f if {
	some i in pods.of_kind({"Ingress"})
	i.group in {"networking.k8s.io", "extensions"}
	count(pods.list(i.object, ["spec", "rules"])) == 0
	some field in ["defaultBackend", "backend"]
	pods.dict(i.object, ["spec", field]) != {}
	f := {
		"item": i.id, "path": ["spec", field], "message": sprintf("the Ingress %s answers to every name", [i.name]), "found": "a default backend and no rules",
		"expected": "a named host",
	}
}

wide(host) if host == ""

wide(host) if contains(host, "*")

to(host) := "to every name" if {
	host in {"", "*"}
} else := sprintf("to every name below %s", [trim_prefix(host, "*.")])

told(host) := "no host" if {
	host == ""
} else := host
