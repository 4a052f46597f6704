# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles that grow by labels grow by what was meant"
# description: "A ClusterRole with an aggregationRule takes in the rules of every role with the right label, and the labels aggregate-to-view, -edit and -admin add to what people have everywhere."
# related_resources:
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles
#   description: "Kubernetes, aggregated ClusterRoles"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: rbac.aggregation
#   severity: medium
#   remediation: "Give each clusterRoleSelector a label of its own, and label for view only what is read."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.aggregation

import data.sealock.lib.config
import data.sealock.lib.config_rbac as rbac
import data.sealock.lib.config_workload as pods

finding contains f if {
	some r in rbac.roles
	some i, s in pods.list(r.object, ["aggregationRule", "clusterRoleSelectors"])
	pods.dict(s, ["matchLabels"]) == {}
	pods.list(s, ["matchExpressions"]) == []
	f := {
		"item": r.id, "path": ["aggregationRule", "clusterRoleSelectors", i], "severity": "critical",
		"message": sprintf("the role %s takes in the rights of every ClusterRole", [r.name]), "found": "an empty selector", "expected": "a label",
	}
}

finding contains f if {
	some g in rbac.grants
	config.truthy(object.get(g.item.labels, "rbac.authorization.k8s.io/aggregate-to-view", ""))
	more := g.verbs - {"get", "list", "watch"}
	count(more) > 0
	f := {
		"item": g.item.id, "path": array.concat(g.path, ["verbs"]), "message": sprintf("whoever may view gets %s from the role %s", [concat(", ", sort(more)), g.item.name]),
		"found": rbac.told(g), "expected": "get, list and watch",
	}
}
