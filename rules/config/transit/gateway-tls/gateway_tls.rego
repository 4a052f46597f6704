# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Gateways of the mesh serve TLS"
# description: "A server of an Istio Gateway without TLS takes passwords and tokens in plain text from outside."
# related_resources:
# - ref: https://istio.io/latest/docs/ops/best-practices/security/
#   description: "Istio security best practices, gateways"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.2 Encrypted communication"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.gateway-tls
#   severity: medium
#   remediation: "Use protocol HTTPS with a credentialName; keep port 80 for tls: {httpsRedirect: true} only."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.gateway_tls

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some g in mesh.gateways
	not mesh.egress(g)
	some i, s in pods.list(g.object, ["spec", "servers"])
	mesh.plain(s)
	f := {
		"item": g.id, "path": ["spec", "servers", i, "port", "protocol"], "message": sprintf("the gateway %s takes plain text on port %v", [g.name, pods.at(s, ["port", "number"], "?")]),
		"found": sprintf("protocol: %v", [s.port.protocol]), "expected": "HTTPS, or httpsRedirect: true",
	}
}
