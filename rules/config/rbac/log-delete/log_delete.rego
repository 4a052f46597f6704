# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not let their holders delete logs and events"
# description: "Whoever deletes the logs of pods or the cluster's events removes the traces of what he did."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes, good practices for RBAC"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: rbac.log-delete
#   severity: medium
#   remediation: "Take delete and deletecollection for pods/log and events away."
#   zeroTrust: [Z19]
#   kinds: [kubernetes]
package sealock.config.rbac.log_delete

import data.sealock.lib.config_rbac as rbac

resources := {"": {"pods/log", "events"}, "events.k8s.io": {"events"}}

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := [p | some group, names in resources; some p in rbac.hits(g, group, names, {"delete", "deletecollection"})]
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, [min(places)]), "severity": rbac.by_reach(g, "medium", "low"),
		"message": sprintf("the role %s lets its holders delete logs or events %s", [g.item.name, rbac.where(g)]), "found": rbac.told(g),
		"expected": "get, list and watch at most, or resourceNames",
	}
}
