# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_gke_integrity_test

import data.sealock.config.cloud_exposure.google_gke_integrity as rule
import data.sealock.lib.config_cloud_test as t

checked := {"binary_authorization": [{"evaluation_mode": "PROJECT_SINGLETON_POLICY_ENFORCE"}]}

booted := {"shielded_instance_config": [{"enable_secure_boot": true}]}

test_put_off if {
	cluster := t.res("google_container_cluster", object.union(checked, {"enable_shielded_nodes": false, "addons_config": [{"kubernetes_dashboard": [{"disabled": false}]}]}))
	findings := rule.finding with input as t.doc([cluster])
	t.paths(findings) == {["enable_shielded_nodes"], ["addons_config", 0, "kubernetes_dashboard", 0, "disabled"]}
	t.severities(findings) == {"medium"}
}

test_not_patched if {
	findings := rule.finding with input as t.doc([t.res("google_container_node_pool", {"management": [{"auto_repair": true, "auto_upgrade": false}]})])
	t.paths(findings) == {["management", 0, "auto_upgrade"]}
}

test_boot if {
	pool := t.res("google_container_node_pool", {"node_config": [{"image_type": "UBUNTU_CONTAINERD", "shielded_instance_config": [{"enable_integrity_monitoring": false}]}]})
	findings := rule.finding with input as t.doc([pool])
	t.paths(findings) == {
		["node_config", 0, "image_type"],
		["node_config", 0, "shielded_instance_config", 0, "enable_integrity_monitoring"],
		["node_config", 0, "shielded_instance_config", 0, "enable_secure_boot"],
	}
}

test_images if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"name": "shop"}), t.res("google_container_cluster", {"binary_authorization": [{"evaluation_mode": "DISABLED"}]})])
	t.paths(findings) == {["binary_authorization"], ["binary_authorization", 0, "evaluation_mode"]}
}

test_hardened if {
	findings := rule.finding with input as t.doc([
		t.res("google_container_cluster", object.union(checked, {"release_channel": [{"channel": "REGULAR"}], "addons_config": [{"kubernetes_dashboard": [{"disabled": true}]}]})),
		t.res("google_container_node_pool", {"management": [{"auto_repair": true, "auto_upgrade": true}], "node_config": [object.union(booted, {"image_type": "cos_containerd"})]}),
	])
	findings == set()
}
