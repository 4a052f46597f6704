# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_iam.google_default_service_account_test

import data.sealock.config.cloud_iam.google_default_service_account as rule
import data.sealock.lib.config_cloud_test as t

test_no_email if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"service_account": [{"scopes": ["cloud-platform"]}]})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["service_account", 0, "email"]}
}

test_default_by_name if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance_template", {"service_account": [{"email": "123-compute@developer.gserviceaccount.com", "scopes": ["logging-write"]}]})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["service_account", 0, "email"]}
}

test_nodes if {
	findings := rule.finding with input as t.doc([t.res("google_container_node_pool", {"node_config": [{"machine_type": "e2-medium"}]})])
	t.paths(findings) == {["node_config", 0, "service_account"]}
}

test_role_for_it if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_member", {"role": "roles/storage.objectAdmin", "member": "serviceAccount:123-compute@developer.gserviceaccount.com"})])
	t.paths(findings) == {["role"]}
}

test_own_account if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"service_account": [{"email": "${google_service_account.shop.email}", "scopes": ["cloud-platform"]}]}), t.res("google_container_node_pool", {"node_config": [{"service_account": "${google_service_account.nodes.email}"}]})])
	findings == set()
}

test_pool_removed if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"remove_default_node_pool": true, "node_config": [{"machine_type": "e2-medium"}]})])
	findings == set()
}

test_no_account_at_all if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"name": "a"})])
	findings == set()
}

test_nothing_said_of_nodes if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"initial_node_count": 1}), t.res("google_container_node_pool", {"cluster": "${google_container_cluster.a.id}"})])
	t.paths(findings) == {["node_config"]}
}

test_pools_inside if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"node_pool": [{"node_config": [{"machine_type": "e2-medium"}]}]})])
	t.paths(findings) == {["node_pool", 0, "node_config", 0, "service_account"]}
}

test_no_nodes_here if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"enable_autopilot": true}), t.res("google_container_cluster", {"remove_default_node_pool": true, "initial_node_count": 1})])
	findings == set()
}

test_looked_up if {
	member := t.res("google_project_iam_member", {"role": "roles/storage.admin", "member": "serviceAccount:${data.google_compute_default_service_account.default.email}"})
	machine := t.res("google_compute_instance", {"service_account": [{"email": "${data.google_compute_default_service_account.default.email}", "scopes": ["storage-ro"]}]})
	findings := rule.finding with input as t.doc([member, machine])
	t.paths(findings) == {["role"], ["service_account", 0, "email"]}
}
