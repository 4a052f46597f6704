# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The Kubernetes API is not open to the internet
# description: Everybody can try stolen tokens and new flaws on an API server that the internet reaches.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, GKE, 5.6.3 and 5.6.4 (authorized networks, private endpoint)
# - ref: https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster
#   description: GKE, harden your cluster, restrict access to the control plane
# custom:
#   id: cloud-exposure.google-gke-control-plane
#   severity: high
#   remediation: "Set private_cluster_config.enable_private_endpoint, or master_authorized_networks_config with one's own ranges."
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_gke_control_plane

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

clusters := cloud.managed({"google_container_cluster"})

finding contains f if {
	some i in clusters
	count(ranges(i)) == 0
	not private_endpoint(i)
	cloud.no_blocks(i, "master_authorized_networks_config")
	f := cloud.fault(i, ["master_authorized_networks_config"], "everybody reaches the API server", "no master_authorized_networks_config", "ranges of one's own, or a private endpoint")
}

finding contains f if {
	some i in clusters
	some p in ranges(i)
	some a in cloud.world(object.get(p.block, "cidr_block", null))
	f := cloud.fault(i, config.child(p.path, ["cidr_block"]), "everybody reaches the API server", a, "ranges of one's own")
}

ranges(i) := cloud.at(i.values, ["master_authorized_networks_config", "cidr_blocks"])

private_endpoint(i) if {
	some p in cloud.at(i.values, ["private_cluster_config"])
	cloud.put_on(p.block, "enable_private_endpoint")
}

private_endpoint(i) if {
	some p in cloud.at(i.values, ["control_plane_endpoints_config", "ip_endpoints_config"])
	cloud.put_off(p.block, "enabled")
}

# Addresses of Google Cloud are those of all its customers.
finding contains f if {
	some i in clusters
	some p in cloud.at(i.values, ["master_authorized_networks_config"])
	cloud.put_on(p.block, "gcp_public_cidrs_access_enabled")
	not private_endpoint(i)
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["gcp_public_cidrs_access_enabled"]), "every customer of Google Cloud reaches the API server", "gcp_public_cidrs_access_enabled = true", "false"), "medium")
}
