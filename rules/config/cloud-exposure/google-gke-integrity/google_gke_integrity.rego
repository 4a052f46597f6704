# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Nodes of GKE boot what is known, are patched, and run images that were checked
# description: Nodes that nobody patches keep known flaws, and without checks of the boot and of images an intruder stays after every restart.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, GKE, 5.5.1 to 5.5.7, 5.10.1 and 5.10.4 (node images, upgrades, shielded nodes, Binary Authorization)
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
#   description: "Hardening a cluster's security"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SI-2 Flaw Remediation and SI-7 Software, Firmware, and Information Integrity
# custom:
#   id: cloud-exposure.google-gke-integrity
#   severity: low
#   remediation: Leave shielded nodes and upgrades on, set enable_secure_boot = true and binary_authorization.evaluation_mode, leave out alpha features and the dashboard.
#   zeroTrust: [Z20, Z28]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_gke_integrity

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Wrong if they are said: types, blocks, attribute, values, severity, message.
said := [
	[{"google_container_cluster"}, [], "enable_shielded_nodes", {false, "false"}, "medium", "nodes that are not one's own may join the cluster"],
	[{"google_container_cluster"}, [], "enable_kubernetes_alpha", {true, "true"}, "medium", "the cluster has unfinished features and gets no fixes"],
	[{"google_container_cluster"}, ["addons_config", "kubernetes_dashboard"], "disabled", {false, "false"}, "medium", "the dashboard acts with the rights of its service account"],
	[{"google_container_cluster"}, ["binary_authorization"], "evaluation_mode", {"DISABLED", "EVALUATION_MODE_UNSPECIFIED"}, "medium", "images are run without a check of who made them"],
	[{"google_container_cluster"}, [], "enable_binary_authorization", {false, "false"}, "medium", "images are run without a check of who made them"],
	[{"google_container_cluster"}, ["release_channel"], "channel", {"UNSPECIFIED"}, "low", "the cluster is upgraded only by hand"],
	[{"google_container_cluster", "google_container_node_pool"}, ["node_config", "shielded_instance_config"], "enable_integrity_monitoring", {false, "false"}, "medium", "changes of what boots on the nodes are not seen"],
	[{"google_container_cluster", "google_container_node_pool"}, ["node_config", "shielded_instance_config"], "enable_secure_boot", {false, "false"}, "low", "what boots on the nodes is not checked"],
	[{"google_container_node_pool"}, ["management"], "auto_upgrade", {false, "false", null}, "medium", "the nodes are not patched by themselves"],
	[{"google_container_node_pool"}, ["management"], "auto_repair", {false, "false", null}, "low", "broken nodes stay"],
	[{"google_container_cluster"}, ["cluster_autoscaling", "auto_provisioning_defaults", "management"], "auto_upgrade", {false, "false"}, "medium", "the nodes are not patched by themselves"],
]

finding contains f if {
	some s in said
	some i in cloud.managed(s[0])
	some p in cloud.at(i.values, s[1])
	v := object.get(p.block, s[2], null)
	v in s[3]
	f := cloud.rated(cloud.fault(i, config.child(p.path, [s[2]]), s[5], sprintf("%s is %s", [s[2], cloud.shown(v)]), "the other value"), s[4])
}

# Nodes with Secure Boot refuse drivers that are not signed, so it is off where nothing is said.
finding contains f if {
	some i in cloud.managed({"google_container_node_pool"})
	some p in cloud.at(i.values, ["node_config"])
	boots := cloud.settings(p.block, ["shielded_instance_config"], "enable_secure_boot")
	some b in boots
	b.value == null
	f := cloud.fault(i, array.concat(p.path, b.path), "what boots on the nodes is not checked", "enable_secure_boot is not set", "true")
}

finding contains f if {
	some i in cloud.managed({"google_container_cluster"})
	cloud.no_blocks(i, "binary_authorization")
	cloud.unset(i.values, "enable_binary_authorization")
	f := cloud.fault(i, ["binary_authorization"], "images are run without a check of who made them", "no binary_authorization", "evaluation_mode = \"PROJECT_SINGLETON_POLICY_ENFORCE\"")
}

# The hardened image is the one with containerd and little else.
finding contains f if {
	some i in cloud.managed({"google_container_cluster", "google_container_node_pool"})
	some p in cloud.at(i.values, ["node_config"])
	image := upper(cloud.text(object.get(p.block, "image_type", "")))
	image != ""
	config.known(image)
	not regex.match(`^(COS|WINDOWS)`, image)
	f := cloud.fault(i, config.child(p.path, ["image_type"]), "the nodes run more than containers need", image, "COS_CONTAINERD")
}
