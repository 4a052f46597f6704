# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Every namespace denies what no policy allows"
# description: "A namespace whose workloads come from elsewhere has to deny by itself: whatever is put into it is open in both directions until a policy for all pods says otherwise."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/network-policies/
#   description: "Kubernetes, Network Policies, Default policies"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.3.2"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guidance 1.2, Network policies"
# custom:
#   id: segmentation.namespace-default-deny
#   severity: low
#   remediation: "Put a NetworkPolicy with podSelector: {} and policyTypes: [Ingress, Egress] without rules into the namespace, and allow what is needed by others."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.segmentation.namespace_default_deny

import data.sealock.lib.config
import data.sealock.lib.config_workload as pods

finding contains f if {
	some n in pods.of_kind({"Namespace"})
	n.group == ""
	not startswith(n.name, "kube-")
	not n.name in inhabited
	not for_the_cluster
	open := [d | some d in ["ingress", "egress"]; not {"namespace": n.name, "direction": d} in denied]
	count(open) > 0
	f := {
		"item": n.id, "path": ["metadata", "name"], "message": sprintf("no network policy for all pods limits the %s in the namespace %s", [concat(" and ", open), n.name]),
		"found": sprintf("any %s", [concat(" and ", open)]), "expected": "policies that select every pod for ingress and egress",
	}
}

inhabited := {w.namespace | some w in config.workloads}

for_the_cluster if count(pods.of_kind({"CiliumClusterwideNetworkPolicy", "GlobalNetworkPolicy", "AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy"})) > 0

denied contains {"namespace": p.namespace, "direction": d} if {
	some p in pods.of_kind({"NetworkPolicy"})
	p.group in {"networking.k8s.io", "extensions"}
	pods.dict(p.object, ["spec", "podSelector"]) == {}
	some d in limited(p)
}

denied contains {"namespace": p.namespace, "direction": d} if {
	some p in pods.of_kind({"CiliumNetworkPolicy", "NetworkPolicy"})
	p.group in {"cilium.io", "projectcalico.org", "crd.projectcalico.org"}
	some d in ["ingress", "egress"]
}

limited(p) := {lower(t) | some t in pods.list(p.object, ["spec", "policyTypes"]); is_string(t)} if {
	count(pods.list(p.object, ["spec", "policyTypes"])) > 0
} else := {"ingress"} | {"egress" | count(pods.list(p.object, ["spec", "egress"])) > 0}
