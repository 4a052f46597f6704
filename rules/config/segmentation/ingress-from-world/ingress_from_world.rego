# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Only public ports are open to every address"
# description: "A policy that lets any address connect to a port of a database, of metrics or of an administration page leaves it to the rest of the network to keep strangers out."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#   description: "Kubernetes, Network Policies, Behavior of to and from selectors, ipBlock"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guidance 1.2, Network policies"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7"
# custom:
#   id: segmentation.ingress-from-world
#   severity: medium
#   remediation: "Name the callers by selector or by a narrow ipBlock; let the world in at the gateway only, on the ports that are public."
#   zeroTrust: [Z14]
#   kinds: [graph]
#   parameters:
#     public: {type: strings, default: ["80", "443", "8080", "8443", "http", "https"], about: "ports, by number or name, that may be open to every address"}
package sealock.config.segmentation.ingress_from_world

import data.sealock.lib.config_segmentation as net

params := data.params["segmentation.ingress-from-world"]

finding contains f if {
	some r in net.allowing("ingress")
	some p in r.peers
	world(p, r)
	ports := closed(r)
	count(ports) > 0
	f := {
		"item": r.item, "path": p.path, "message": sprintf("%s lets any address connect: %s", [r.policy, concat(", ", ports)]), "found": who[p.kind],
		"expected": sprintf("selectors, narrow addresses, or only the ports %s", [concat(", ", params.public)]),
	}
}

who := {"world": "addresses of the whole internet", "everyone": "no peers, so everyone"}

world(p, _) if p.kind == "world"

world(p, r) if { # without ports segmentation.allow-all speaks
	p.kind == "everyone"
	count(r.ports) > 0
}

closed(r) := ["any port"] if {
	count(r.ports) == 0
} else := [net.port_text(p) | some p in r.ports; not public(p); p.protocol != "other"]

public(p) if {
	object.get(p, "endPort", 0) == 0
	sprintf("%d", [p.port]) in params.public
}

public(p) if object.get(p, "portName", "") in params.public
