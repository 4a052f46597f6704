# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Network and authorization policies hold"
# description: "A policy with a field misspelt or a value of the wrong kind is refused by the API server, and the pods it was made for stay open; one of a kind that is not read can't be judged."
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
	"unsupported": {"severity": "low", "expected": "NetworkPolicy, CiliumNetworkPolicy or AuthorizationPolicy", "fix": "Judge the policy by hand."},
}
