# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The network plugin enforces network policies"
# description: "Flannel alone moves packets and takes no notice of network policies: each is accepted by the API server, and none holds."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.3.1"
# - ref: https://kubernetes.io/docs/concepts/extend-kubernetes/compute-storage-net/network-plugins/
#   description: "Kubernetes, network plugins"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7"
# custom:
#   id: segmentation.network-plugin
#   severity: medium
#   remediation: "Use a plugin that enforces policies, such as Cilium or Calico, or Calico beside Flannel."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.segmentation.network_plugin

import data.sealock.lib.config_workload as pods

finding contains f if {
	some c in pods.of_kind({"ConfigMap"})
	c.group == ""
	some key, v in pods.dict(c.object, ["data"])
	regex.match(`(?i)cni|conflist`, key)
	is_string(v)
	regex.match(`"type"\s*:\s*"flannel"`, v)
	not enforced
	f := {
		"item": c.id, "path": ["data", key], "message": "the network plugin takes no notice of network policies", "found": "flannel", "expected": "a plugin that enforces policies",
	}
}

# Calico, Cilium and others work beside Flannel, as DaemonSets.
enforced if {
	some x in pods.containers
	regex.match(`(?i)calico|cilium|kube-router|antrea|weave-npc|kube-network-policies|canal`, pods.text(pods.at(x.c.spec, ["image"], "")))
}
