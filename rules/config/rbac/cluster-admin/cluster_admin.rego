# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Nobody is bound to the roles that may do everything"
# description: "cluster-admin may do everything to everything; it is meant for the people who break the glass, not for workloads. admin and edit read the secrets of each namespace where they are bound, and run pods there."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.1"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, least privilege"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K03 Overly permissive RBAC configurations"
# custom:
#   id: rbac.cluster-admin
#   severity: high
#   remediation: "Bind a role that names what is needed."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.cluster_admin

import data.sealock.lib.config_rbac as rbac
import data.sealock.lib.config_workload as pods

finding contains f if {
	some b in rbac.bindings
	pods.at(b.object, ["roleRef", "name"], "") == "cluster-admin"
	people := [s | some s in rbac.subjects; s.item.id == b.id; s.name != "system:masters"]
	count(people) > 0
	f := {
		"item": b.id, "path": ["roleRef", "name"], "severity": severity(b),
		"message": sprintf("%s %s %s", [concat(", ", sort({s.name | some s in people})), verb(people), reach(b)]), "found": "cluster-admin", "expected": "a role that names what is needed",
	}
}

# admin and edit are made for one namespace.
finding contains f if {
	some b in rbac.bindings
	b.kind == "ClusterRoleBinding"
	role := pods.at(b.object, ["roleRef", "name"], "")
	role in {"admin", "edit"}
	people := [s | some s in rbac.subjects; s.item.id == b.id]
	count(people) > 0
	f := {
		"item": b.id, "path": ["roleRef", "name"], "severity": "medium",
		"message": sprintf("%s %s the role %s in every namespace", [concat(", ", sort({s.name | some s in people})), verb(people), role]), "found": role,
		"expected": "a role that names what is needed, or a RoleBinding",
	}
}

verb(people) := "has" if {
	count(people) == 1
} else := "have"

reach(b) := "all rights in the cluster" if {
	b.kind == "ClusterRoleBinding"
} else := "all rights in the namespace"

severity(b) := "high" if {
	b.kind == "ClusterRoleBinding"
} else := "medium"
