# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not reach the kubelets"
# description: "With nodes/proxy one talks to the kubelet directly, runs commands in every pod of a node, and leaves no trace in the API server's audit log."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.10"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, access to proxy subresource of nodes"
# custom:
#   id: rbac.nodes-proxy
#   severity: high
#   remediation: "Use nodes/metrics, nodes/stats or nodes/log for what is to be read."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.nodes_proxy

import data.sealock.lib.config_rbac as rbac

finding contains f if {
	some g in rbac.grants
	places := rbac.hits(g, "", {"nodes/proxy"}, {"get", "create", "update", "patch", "delete"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "message": sprintf("the role %s lets its holders command the kubelets", [g.item.name]),
		"found": rbac.told(g), "expected": "no nodes/proxy",
	}
}
