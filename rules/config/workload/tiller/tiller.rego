# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Helm 2's Tiller is not deployed"
# description: "Tiller answers whoever reaches its port, with rights over the whole cluster; Helm 3 does without it, and Helm 2 gets no fixes since 2020."
# related_resources:
# - ref: https://helm.sh/docs/faq/changes_since_helm2/
#   description: "Helm, removal of Tiller"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: workload.tiller
#   severity: high
#   remediation: "Delete Tiller and its service, and use Helm 3 or later."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.workload.tiller

import data.sealock.lib.config_workload as pods

finding contains f if {
	some x in pods.containers
	image := pods.text(pods.at(x.c.spec, ["image"], ""))
	regex.match(`(^|/)tiller([:@]|$)`, image)
	f := found(x.item, pods.path(x.c, ["image"]), image)
}

finding contains f if {
	some s in pods.of_kind({"Service"})
	selector := pods.dict(s.object, ["spec", "selector"])
	selector.name == "tiller"
	object.get(selector, "app", "helm") == "helm"
	f := found(s, ["spec", "selector", "name"], "a service for Tiller")
}

found(item, path, what) := {
	"item": item.id, "path": path, "message": "Tiller does for everybody who reaches it what it may do", "found": what, "expected": "no Tiller",
}
