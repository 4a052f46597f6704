# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Network and authorization policies hold"
# description: "A policy with a field misspelt or a value of the wrong kind is refused by the API server, and the pods it was made for stay open; one that can't be read may allow what nobody sees."
# related_resources:
# - ref: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
#   description: "Kubernetes API reference, NetworkPolicy v1"
# - ref: https://istio.io/latest/docs/reference/config/security/authorization-policy/
#   description: "Istio reference, AuthorizationPolicy"
# - ref: https://docs.cilium.io/en/stable/security/policy/language/
#   description: "Cilium, policy language"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, CM-6"
# custom:
#   id: segmentation.policy-read
#   severity: high
#   remediation: "Correct the policy, and try it with kubectl apply --dry-run=server."
#   zeroTrust: [Z14]
#   kinds: [graph]
package sealock.config.segmentation.policy_read

import data.sealock.lib.config_segmentation as net

finding contains f if {
	some u in net.unread
	f := object.union(
		{"item": u.item, "path": u.path, "message": sprintf("%s: %s", [u.policy, u.message])},
		more[u.kind],
	)
}

more := {
	"invalid": {"expected": "what the API server takes"},
	"unsupported": object.union(weight, {
		"expected": "a policy of Kubernetes, Cilium, Calico or Istio, with all that it refers to",
		"fix": "Put the objects that the policy refers to into the tree, or say the same by a NetworkPolicy.",
	}),
}

# Where flows are declared, what can't be judged may be one that is not: then the graph proves nothing.
weight := {"severity": "medium"} if not input.graph.comparison
else := {"severity": "high"}
