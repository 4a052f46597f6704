# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Egress to the internet is limited to ports"
# description: "A workload that may connect to any address on any port can fetch whatever an intruder wants and send away whatever it holds."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#   description: "Kubernetes, Network Policies, Allow all egress traffic"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guidance 1.2, Network policies"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7(5)"
# custom:
#   id: segmentation.egress-to-world
#   severity: medium
#   remediation: "Name the addresses (ipBlock) or DNS names (Cilium's toFQDNs) that are called and their ports, or go out through an egress gateway."
#   zeroTrust: [Z14, Z20]
#   kinds: [graph]
package sealock.config.segmentation.egress_to_world

import data.sealock.lib.config_segmentation as net

finding contains f if {
	some r in net.allowing("egress")
	net.every_port(r)
	some p in r.peers
	world(p, r)
	f := {
		"item": r.item, "path": p.path, "message": sprintf("%s lets what it selects connect to any address on any port", [r.policy]),
		"found": p.name, "expected": "the addresses that are called, with their ports",
	}
}

world(p, _) if p.kind == "world"

world(p, r) if { # without ports segmentation.allow-all speaks
	p.kind == "everyone"
	count(r.ports) > 0
}
