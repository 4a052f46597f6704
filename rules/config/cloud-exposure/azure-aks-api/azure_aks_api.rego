# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The Kubernetes API is not open to the internet, and pods have a network policy
# description: Everybody can try stolen tokens and new flaws on an API server that the internet reaches; without network policies every pod reaches every other.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, AKS, 5.4.1 and 5.4.2 (access to the control plane endpoint)
# - ref: https://learn.microsoft.com/en-us/azure/aks/api-server-authorized-ip-ranges
#   description: Authorized address ranges in AKS
# custom:
#   id: cloud-exposure.azure-aks-api
#   severity: high
#   remediation: Set private_cluster_enabled = true, or api_server_access_profile.authorized_ip_ranges; and network_profile.network_policy.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.azure_aks_api

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

clusters := cloud.managed({"azurerm_kubernetes_cluster"})

finding contains f if {
	some i in clusters
	not cloud.put_on(i.values, "private_cluster_enabled")
	config.known(object.get(i.values, "private_cluster_enabled", null))
	not anywhere_else(i)
	some r in [ranges(i)]
	count(r.given) == 0
	f := cloud.fault(i, lacking(i, r), "everybody reaches the API server", "no authorized ranges", "private_cluster_enabled = true, or authorized_ip_ranges")
}

finding contains f if {
	some i in clusters
	r := ranges(i)
	open := cloud.world(r.given)
	count(open) > 0
	f := cloud.fault(i, r.path, "everybody reaches the API server", concat(", ", sort([a | some a in open])), "ranges of one's own")
}

finding contains f if {
	some i in clusters
	some s in cloud.settings(i.values, ["network_profile"], "network_policy")
	s.value in {null, "", "none"}
	f := cloud.rated(cloud.fault(i, s.path, "network policies are not enforced", sprintf("network_policy is %s", [cloud.shown(s.value)]), "cilium, calico or azure"), "medium")
}

ranges(i) := {"path": ["api_server_authorized_ip_ranges"], "given": cloud.list(i.values.api_server_authorized_ip_ranges)} if {
	count(cloud.list(object.get(i.values, "api_server_authorized_ip_ranges", null))) > 0
} else := {"path": config.child(p.path, ["authorized_ip_ranges"]), "given": cloud.list(object.get(p.block, "authorized_ip_ranges", null))} if {
	p := cloud.at(i.values, ["api_server_access_profile"])[0]
} else := {"path": ["api_server_access_profile"], "given": []}

lacking(i, r) := ["private_cluster_enabled"] if {
	cloud.put_off(i.values, "private_cluster_enabled")
} else := r.path

# The API server is in one's own network.
anywhere_else(i) if {
	some p in cloud.at(i.values, ["api_server_access_profile"])
	cloud.put_on(p.block, "vnet_integration_enabled")
}
