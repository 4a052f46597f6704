# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Every workload denies what no policy allows"
# description: "A pod that no network policy selects can be reached by everything in the cluster and can reach everything; that a policy lies in its namespace is not enough. Each direction counts by itself."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#   description: "Kubernetes, Network Policies, Default policies"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.3.2"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guidance 1.2, Network policies"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7(5)"
# custom:
#   id: segmentation.default-deny
#   severity: medium
#   remediation: "Put a NetworkPolicy with podSelector: {} and policyTypes: [Ingress, Egress] without rules into the namespace, and allow what is needed by others."
#   zeroTrust: [Z14]
#   kinds: [graph]
package sealock.config.segmentation.default_deny

import data.sealock.lib.config_segmentation as net

finding contains f if {
	some w in net.workloads
	not w.hostNetwork
	open := directions(w)
	count(open) > 0
	f := {
		"item": w.item, "path": w.path, "message": sprintf("no network policy limits the %s of %s", [concat(" and ", open), w.name]),
		"found": sprintf("any %s", [concat(" and ", open)]), "expected": "policies that select the pod for ingress and egress",
	}
}

directions(w) := array.concat(
	[d | some d in ["ingress"]; not w.ingressIsolated],
	[d | some d in ["egress"]; not w.egressIsolated],
)
