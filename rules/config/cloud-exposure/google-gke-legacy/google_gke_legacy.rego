# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Clusters have no old ways of signing in
# description: "Basic passwords, client certificates and attribute-based rules get round RBAC and can't be taken back one by one."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, GKE, 5.8.1 to 5.8.3 (basic authentication, client certificates, legacy authorization)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-exposure.google-gke-legacy
#   severity: high
#   remediation: Leave out username and password, set issue_client_certificate and enable_legacy_abac to false.
#   zeroTrust: [Z10, Z13]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_gke_legacy

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

clusters := cloud.managed({"google_container_cluster"})

finding contains f if {
	some i in clusters
	cloud.put_on(i.values, "enable_legacy_abac")
	f := cloud.fault(i, ["enable_legacy_abac"], "attribute-based rules come before RBAC", "enable_legacy_abac = true", "false")
}

finding contains f if {
	some i in clusters
	some p in cloud.at(i.values, ["master_auth", "client_certificate_config"])
	cloud.put_on(p.block, "issue_client_certificate")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["issue_client_certificate"]), "a client certificate is issued that can't be revoked", "issue_client_certificate = true", "false"), "medium")
}

finding contains f if {
	some i in clusters
	some p in cloud.at(i.values, ["master_auth"])
	object.get(p.block, "username", null) != null
	p.block.username != ""
	f := cloud.fault(i, config.child(p.path, ["username"]), "people sign in by a shared password", "username is set", "none")
}

# The kubelet's old port tells everybody in the network what runs on the node.
finding contains f if {
	some place in [
		[{"google_container_cluster"}, ["node_config", "kubelet_config"]],
		[{"google_container_node_pool"}, ["node_config", "kubelet_config"]],
		[{"google_container_cluster"}, ["node_pool_defaults", "node_config_defaults"]],
	]
	some i in cloud.managed(place[0])
	some p in cloud.at(i.values, place[1])
	lower(sprintf("%v", [object.get(p.block, "insecure_kubelet_readonly_port_enabled", "")])) == "true"
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["insecure_kubelet_readonly_port_enabled"]), "the kubelet answers without a sign-in", "insecure_kubelet_readonly_port_enabled = TRUE", "FALSE"), "medium")
}
