# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_aks_nodes_test

import data.sealock.config.cloud_exposure.azure_aks_nodes as rule
import data.sealock.lib.config_cloud_test as t

test_public_nodes if {
	cluster := t.res("azurerm_kubernetes_cluster", {"default_node_pool": [{"name": "system", "node_public_ip_enabled": true}]})
	pool := t.res("azurerm_kubernetes_cluster_node_pool", {"enable_node_public_ip": "true"})
	findings := rule.finding with input as t.doc([cluster, pool])
	t.paths(findings) == {["default_node_pool", 0, "node_public_ip_enabled"], ["enable_node_public_ip"]}
}

test_dashboard if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"addon_profile": [{"kube_dashboard": [{"enabled": true}]}]})])
	t.paths(findings) == {["addon_profile", 0, "kube_dashboard", 0, "enabled"]}
}

test_routing if {
	old := t.res("azurerm_kubernetes_cluster", {"addon_profile": [{"http_application_routing": [{"enabled": true}]}]})
	new := t.res("azurerm_kubernetes_cluster", {"http_application_routing_enabled": true})
	findings := rule.finding with input as t.doc([old, new])
	count(findings) == 2
}

test_hardened if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_kubernetes_cluster", {"default_node_pool": [{"node_public_ip_enabled": false}], "addon_profile": [{"kube_dashboard": [{"enabled": false}]}]}),
		t.res("azurerm_kubernetes_cluster", {"default_node_pool": [{"name": "system"}], "http_application_routing_enabled": "${var.routing}"}),
	])
	findings == set()
}
