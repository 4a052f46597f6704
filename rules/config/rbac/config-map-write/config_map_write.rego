# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not let their holders change all configuration"
# description: "Config maps say how programs run, and in kube-system who may log in (aws-auth) and what DNS answers."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes, good practices for RBAC"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: rbac.config-map-write
#   severity: low
#   remediation: "Name the config maps with resourceNames."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.config_map_write

import data.sealock.lib.config_rbac as rbac

resources := {"": {"configmaps"}}

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := [p | some group, names in resources; some p in rbac.hits(g, group, names, {"create", "update", "patch", "delete", "deletecollection"})]
	count(places) > 0
	g.wide
	f := {
		"item": g.item.id, "path": rbac.path(g, [min(places)]),
		"message": sprintf("the role %s lets its holders change config maps %s", [g.item.name, rbac.where(g)]), "found": rbac.told(g),
		"expected": "get, list and watch at most, or resourceNames",
	}
}

# What DNS answers in the whole cluster stands in a config map.
finding contains f if {
	some g in rbac.grants
	some name in ["coredns", "coredns-custom", "kube-dns", "node-local-dns"]
	name in g.names
	places := rbac.hits(g, "", {"configmaps"}, {"update", "patch"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "severity": "medium",
		"message": sprintf("the role %s lets its holders say what DNS answers (%s)", [g.item.name, name]), "found": rbac.told(g),
		"expected": "no right to write the configuration of DNS",
	}
}

# Likewise by a role for all config maps where those of DNS are.
finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	not g.wide
	g.item.namespace == "kube-system"
	places := rbac.hits(g, "", {"configmaps"}, {"update", "patch"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "severity": "medium",
		"message": sprintf("the role %s lets its holders change every config map of kube-system, that of DNS too", [g.item.name]), "found": rbac.told(g),
		"expected": "resourceNames",
	}
}

# Who may log in to the nodes and API of EKS stands in a config map.
finding contains f if {
	some g in rbac.grants
	"aws-auth" in g.names
	places := rbac.hits(g, "", {"configmaps"}, {"create", "update", "patch"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "severity": "high", "message": sprintf("the role %s lets its holders say who may log in to the cluster", [g.item.name]),
		"found": rbac.told(g), "expected": "access entries of EKS, and no right to write aws-auth",
	}
}
