# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Nobody is put into system:masters"
# description: "Members of system:masters have every right for ever, past RBAC and admission webhooks; it can't be taken back from a certificate or a token."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.7"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, least privilege"
# custom:
#   id: rbac.masters
#   severity: high
#   remediation: "Bind cluster-admin to a group of your own, for people who break the glass."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.masters

import data.sealock.lib.config_rbac as rbac
import data.sealock.lib.config_workload as pods

finding contains f if {
	some s in rbac.subjects
	s.kind == "Group"
	s.name == "system:masters"
	not builtin(s)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["name"]), "message": "the binding relies on the group system:masters", "found": s.name,
		"expected": "a group of your own",
	}
}

builtin(s) if {
	s.item.name == "cluster-admin"
	s.role == "cluster-admin"
}

# Clusters in AWS map roles and users of IAM to groups in a ConfigMap.
finding contains f if {
	some c in pods.of_kind({"ConfigMap"})
	c.name == "aws-auth"
	some field, v in pods.dict(c.object, ["data"])
	is_string(v)
	contains(v, "system:masters")
	f := {
		"item": c.id, "path": ["data", field], "message": "a role or user of AWS is put into the group system:masters", "found": "system:masters",
		"expected": "a group of your own",
	}
}
