# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Nodes have private addresses, and their pods a network policy
# description: "Nodes with public addresses can be reached past the cluster's entry; without network policies every pod reaches every other."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, GKE, 5.6.5 and 5.6.7 (private nodes, network policy)
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, section 4.3.3 (segregation of inter-container traffic)
# custom:
#   id: cloud-exposure.google-gke-nodes
#   severity: medium
#   remediation: "Set private_cluster_config.enable_private_nodes = true and datapath_provider = \"ADVANCED_DATAPATH\"."
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.google_gke_nodes

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

clusters := [i | some i in cloud.managed({"google_container_cluster"}); not cloud.put_on(i.values, "enable_autopilot")]

finding contains f if {
	some i in cloud.managed({"google_container_cluster"})
	some s in cloud.settings(i.values, ["private_cluster_config"], "enable_private_nodes")
	cloud.off_value(s.value)
	f := cloud.fault(i, s.path, "the nodes have public addresses", sprintf("enable_private_nodes is %s", [cloud.shown(s.value)]), "enable_private_nodes = true")
}

finding contains f if {
	some i in clusters
	cloud.get(i.values, "datapath_provider", "") != "ADVANCED_DATAPATH"
	some s in cloud.settings(i.values, ["network_policy"], "enabled")
	cloud.off_value(s.value)
	f := cloud.fault(i, s.path, "network policies are not enforced", sprintf("network_policy.enabled is %s", [cloud.shown(s.value)]), "datapath_provider = \"ADVANCED_DATAPATH\", or network_policy with enabled = true")
}

finding contains f if {
	some i in clusters
	cloud.get(i.values, "datapath_provider", "") != "ADVANCED_DATAPATH"
	some p in cloud.at(i.values, ["addons_config", "network_policy_config"])
	cloud.put_on(p.block, "disabled")
	f := cloud.fault(i, config.child(p.path, ["disabled"]), "network policies are not enforced", "the add-on is disabled", "datapath_provider = \"ADVANCED_DATAPATH\", or disabled = false")
}

# Without addresses of their own pods can't be told apart by firewalls.
finding contains f if {
	some i in clusters
	object.get(i.values, "networking_mode", "") == "ROUTES"
	f := cloud.rated(cloud.fault(i, ["networking_mode"], "pods have addresses that routes make up", "networking_mode = ROUTES", "VPC_NATIVE"), "low")
}
