# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Clients in the mesh use TLS and check who answers"
# description: "A DestinationRule with DISABLE makes callers speak plain text; insecureSkipVerify makes them believe any certificate."
# related_resources:
# - ref: https://istio.io/latest/docs/ops/best-practices/security/
#   description: "Istio security best practices, configure TLS verification"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.2 Encrypted communication"
# - ref: https://cwe.mitre.org/data/definitions/295.html
#   description: "CWE-295: Improper certificate validation"
# custom:
#   id: transit.destination-tls
#   severity: high
#   remediation: "Use mode: ISTIO_MUTUAL within the mesh; for others SIMPLE or MUTUAL with caCertificates and subjectAltNames."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.destination_tls

import data.sealock.lib.config
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

# settings is every place of a DestinationRule that says something about TLS.
settings contains {"item": d, "path": array.concat(base, below), "tls": tls} if {
	some d in mesh.destinations
	some base in bases(d)
	policy := pods.at(d.object, base, null)
	is_object(policy)
	some below in array.concat([["tls"]], [["portLevelSettings", i, "tls"] | some i, _ in pods.list(policy, ["portLevelSettings"])])
	tls := pods.at(policy, below, null)
	is_object(tls)
}

bases(d) := array.concat([["spec", "trafficPolicy"]], [["spec", "subsets", i, "trafficPolicy"] | some i, _ in pods.list(d.object, ["spec", "subsets"])])

finding contains f if {
	some s in settings
	upper(pods.text(pods.at(s.tls, ["mode"], ""))) == "DISABLE"
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["mode"]),
		"message": sprintf("callers of %v speak plain text", [pods.at(s.item.object, ["spec", "host"], "the host")]), "found": "mode: DISABLE",
		"expected": "ISTIO_MUTUAL, MUTUAL or SIMPLE",
	}
}

finding contains f if {
	some s in settings
	config.truthy(pods.at(s.tls, ["insecureSkipVerify"], false))
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["insecureSkipVerify"]),
		"message": sprintf("callers of %v believe any certificate", [pods.at(s.item.object, ["spec", "host"], "the host")]), "found": "insecureSkipVerify: true",
		"expected": "insecureSkipVerify: false, or left out",
	}
}
