# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Pods of GKE have identities of their own and can't take that of the node"
# description: A pod that reaches the metadata server of its node gets the token of the node's service account, and with it what all nodes may do.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, GKE, 5.4.1 and 5.2.2 (GKE metadata server, Workload Identity)
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/protecting-cluster-metadata
#   description: Protecting cluster metadata
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, IA-9 Service Identification and Authentication
# custom:
#   id: cloud-iam.google-gke-identity
#   severity: medium
#   remediation: "Set workload_identity_config.workload_pool, workload_metadata_config.mode = \"GKE_METADATA\" and the metadata disable-legacy-endpoints = \"true\"."
#   zeroTrust: [Z10, Z28]
#   kinds: [terraform]
package sealock.config.cloud_iam.google_gke_identity

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Where nodes are described: types and blocks.
places := [
	[{"google_container_cluster", "google_container_node_pool"}, ["node_config"]],
	[{"google_container_cluster"}, ["node_pool", "node_config"]],
]

nodes := [{"item": i, "path": p.path, "block": p.block} |
	some place in places
	some i in cloud.managed(place[0])
	not cloud.put_on(i.values, "enable_autopilot")
	some p in cloud.at(i.values, place[1])
]

finding contains f if {
	some n in nodes
	some p in cloud.at(n.block, ["workload_metadata_config"])
	some key in ["mode", "node_metadata"]
	mode := object.get(p.block, key, null)
	mode in {"GCE_METADATA", "EXPOSE", "UNSPECIFIED", "MODE_UNSPECIFIED"}
	f := cloud.rated(cloud.fault(n.item, array.concat(n.path, config.child(p.path, [key])), "pods get the token of the node", sprintf("%s = %s", [key, mode]), "GKE_METADATA"), "high")
}

finding contains f if {
	some n in nodes
	metadata := object.get(n.block, "metadata", null)
	is_object(metadata)
	lower(sprintf("%v", [object.get(metadata, "disable-legacy-endpoints", "")])) == "false"
	f := cloud.rated(cloud.fault(n.item, config.child(n.path, ["metadata", "disable-legacy-endpoints"]), "metadata are given without the header that forged requests lack", "disable-legacy-endpoints = false", "true"), "high")
}

finding contains f if {
	some i in cloud.managed({"google_container_cluster"})
	not cloud.put_on(i.values, "enable_autopilot")
	cloud.no_blocks(i, "workload_identity_config")
	f := cloud.fault(i, ["workload_identity_config"], "pods have no identity of their own", "no workload_identity_config", "workload_pool = PROJECT.svc.id.goog")
}
