# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Nodes and add-ons of AKS are not on the internet
# description: A node with a public address, the dashboard, or the routing add-on is a second way into the cluster, past its ingress and its policies.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, AKS, 5.4.3 (clusters are created with private nodes)
# - ref: https://learn.microsoft.com/en-us/azure/aks/http-application-routing
#   description: HTTP application routing add-on, not for production
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# custom:
#   id: cloud-exposure.azure-aks-nodes
#   severity: medium
#   remediation: Leave out node_public_ip_enabled, the kube_dashboard add-on and http_application_routing_enabled.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.azure_aks_nodes

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Wrong if they are put on: types, blocks, attribute, message.
switches := [
	[{"azurerm_kubernetes_cluster"}, ["default_node_pool"], "enable_node_public_ip", "the nodes have public addresses"],
	[{"azurerm_kubernetes_cluster"}, ["default_node_pool"], "node_public_ip_enabled", "the nodes have public addresses"],
	[{"azurerm_kubernetes_cluster_node_pool"}, [], "enable_node_public_ip", "the nodes have public addresses"],
	[{"azurerm_kubernetes_cluster_node_pool"}, [], "node_public_ip_enabled", "the nodes have public addresses"],
	[{"azurerm_kubernetes_cluster"}, ["addon_profile", "kube_dashboard"], "enabled", "the dashboard acts with the rights of its service account"],
	[{"azurerm_kubernetes_cluster"}, ["addon_profile", "http_application_routing"], "enabled", "the routing add-on publishes services without TLS"],
	[{"azurerm_kubernetes_cluster"}, [], "http_application_routing_enabled", "the routing add-on publishes services without TLS"],
]

finding contains f if {
	some w in switches
	some i in cloud.managed(w[0])
	some p in cloud.at(i.values, w[1])
	cloud.put_on(p.block, w[2])
	f := cloud.fault(i, config.child(p.path, [w[2]]), w[3], sprintf("%s = true", [w[2]]), "left out")
}
