# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "No network policy lets everyone through"
# description: "A rule without peers, or for the pods of all namespaces, undoes the isolation that the policy brings: whoever runs anything in the cluster is let in, or everything can be reached."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#   description: "Kubernetes, Network Policies, Allow all ingress traffic"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guidance 1.2, Network policies"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/a/final
#   description: "NIST SP 800-204A, SM-DR14 to SM-DR16"
# custom:
#   id: segmentation.allow-all
#   severity: high
#   remediation: "Name the peers: a podSelector, with the namespaceSelector of one namespace if they run elsewhere, and the ports."
#   zeroTrust: [Z14, Z20]
#   kinds: [graph]
package sealock.config.segmentation.allow_all

import data.sealock.lib.config_segmentation as net

# Everyone, on any port.
finding contains f if {
	some direction in ["ingress", "egress"]
	some r in net.allowing(direction)
	count(r.ports) == 0
	some p in r.peers
	p.kind == "everyone"
	f := {
		"item": r.item, "path": p.path, "severity": {"ingress": "high", "egress": "medium"}[direction],
		"message": sprintf("%s allows %s any %s", [r.policy, selected(r), direction]), "found": "a rule without peers and ports", "expected": "peers by selector, and ports",
	}
}

# All pods of all namespaces: to let them in is always too much, to reach them is if the ports are not named (name servers are).
finding contains f if {
	some r in net.allowing("ingress")
	some p in r.peers
	p.kind == "cluster"
	f := {
		"item": r.item, "path": p.path, "severity": "medium", "message": sprintf("%s lets the pods of all namespaces connect to %s", [r.policy, selected(r)]),
		"found": "all namespaces, all pods", "expected": "one namespace, and a podSelector",
	}
}

finding contains f if {
	some r in net.allowing("egress")
	net.every_port(r)
	some p in r.peers
	p.kind == "cluster"
	f := {
		"item": r.item, "path": p.path, "severity": "medium", "message": sprintf("%s lets %s connect to the pods of all namespaces on any port", [r.policy, selected(r)]),
		"found": "all namespaces, all pods", "expected": "one namespace, a podSelector, and ports",
	}
}

selected(r) := "the pods that it selects" if {
	r.selects == 0
} else := "the one workload that it selects" if {
	r.selects == 1
} else := sprintf("the %d workloads that it selects", [r.selects])
