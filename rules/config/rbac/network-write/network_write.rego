# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not let their holders change who talks to whom"
# description: "Whoever writes network policies, authorization policies or gateways opens every segment, and with services or ingresses draws the traffic of others to himself."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes, good practices for RBAC"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: rbac.network-write
#   severity: medium
#   remediation: "Give the right to the pipeline alone, in single namespaces, with resourceNames where possible."
#   zeroTrust: [Z13, Z14]
#   kinds: [kubernetes]
package sealock.config.rbac.network_write

import data.sealock.lib.config_rbac as rbac

resources := {"networking.k8s.io": {"networkpolicies", "ingresses"}, "": {"services", "services/status", "endpoints"}, "discovery.k8s.io": {"endpointslices"}, "cilium.io": {"ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"}, "security.istio.io": {"authorizationpolicies", "peerauthentications", "requestauthentications"}, "projectcalico.org": {"networkpolicies", "globalnetworkpolicies"}, "crd.projectcalico.org": {"networkpolicies", "globalnetworkpolicies"}}

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := [p | some group, names in resources; some p in rbac.hits(g, group, names, {"create", "update", "patch", "delete", "deletecollection"})]
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, [min(places)]), "severity": rbac.by_reach(g, "medium", "low"),
		"message": sprintf("the role %s lets its holders change services, ingresses or network policies %s", [g.item.name, rbac.where(g)]), "found": rbac.told(g),
		"expected": "get, list and watch at most, or resourceNames",
	}
}
