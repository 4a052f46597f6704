# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_aks_api_test

import data.sealock.config.cloud_exposure.azure_aks_api as rule
import data.sealock.lib.config_cloud_test as t

test_open if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"network_profile": [{"network_policy": "calico"}]})])
	t.paths(findings) == {["api_server_access_profile"]}
}

test_open_ranges if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"api_server_authorized_ip_ranges": ["0.0.0.0/0"], "network_profile": [{"network_policy": "calico"}]})])
	t.paths(findings) == {["api_server_authorized_ip_ranges"]}
}

test_no_policy if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"private_cluster_enabled": true, "network_profile": [{"network_plugin": "azure"}]})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["network_profile", 0, "network_policy"]}
}

test_ranges if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"api_server_access_profile": [{"authorized_ip_ranges": ["198.51.100.0/24"]}], "network_profile": [{"network_policy": "cilium"}]})])
	findings == set()
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"private_cluster_enabled": "true", "network_profile": [{"network_policy": "azure"}]})])
	findings == set()
}

test_not_private if {
	findings := rule.finding with input as t.doc([t.res("azurerm_kubernetes_cluster", {"private_cluster_enabled": false, "network_profile": [{"network_policy": "cilium"}]})])
	t.paths(findings) == {["private_cluster_enabled"]}
}
