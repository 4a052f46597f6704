# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_gke_control_plane_test

import data.sealock.config.cloud_exposure.google_gke_control_plane as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"name": "shop"})])
	t.paths(findings) == {["master_authorized_networks_config"]}
}

test_open if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"master_authorized_networks_config": [{"cidr_blocks": [{"cidr_block": "0.0.0.0/0"}]}]})])
	t.paths(findings) == {["master_authorized_networks_config", 0, "cidr_blocks", 0, "cidr_block"]}
}

test_ranges if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"master_authorized_networks_config": [{"cidr_blocks": [{"cidr_block": "10.0.0.0/8"}]}]})])
	findings == set()
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"private_cluster_config": [{"enable_private_endpoint": true, "enable_private_nodes": true}]})])
	findings == set()
}

test_addresses_of_google if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"master_authorized_networks_config": [{"gcp_public_cidrs_access_enabled": true, "cidr_blocks": [{"cidr_block": "203.0.113.0/24"}]}]})])
	t.paths(findings) == {["master_authorized_networks_config", 0, "gcp_public_cidrs_access_enabled"]}
}
