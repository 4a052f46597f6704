# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_gke_nodes_test

import data.sealock.config.cloud_exposure.google_gke_nodes as rule
import data.sealock.lib.config_cloud_test as t

test_public_nodes if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"datapath_provider": "ADVANCED_DATAPATH"})])
	t.paths(findings) == {["private_cluster_config", "enable_private_nodes"]}
}

test_no_policies if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"private_cluster_config": [{"enable_private_nodes": true}], "network_policy": [{"enabled": false}]})])
	t.paths(findings) == {["network_policy", 0, "enabled"]}
}

test_both if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"private_cluster_config": [{"enable_private_nodes": false}]})])
	t.paths(findings) == {["private_cluster_config", 0, "enable_private_nodes"], ["network_policy", "enabled"]}
}

test_hardened if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"private_cluster_config": [{"enable_private_nodes": true}], "network_policy": [{"enabled": true}]})])
	findings == set()
}

test_autopilot if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"enable_autopilot": true, "private_cluster_config": [{"enable_private_nodes": true}]})])
	findings == set()
}

test_add_on_disabled if {
	private := {"private_cluster_config": [{"enable_private_nodes": true}], "network_policy": [{"enabled": true}]}
	cluster := t.res("google_container_cluster", object.union(private, {"addons_config": [{"network_policy_config": [{"disabled": true}]}]}))
	findings := rule.finding with input as t.doc([cluster])
	t.paths(findings) == {["addons_config", 0, "network_policy_config", 0, "disabled"]}
}
