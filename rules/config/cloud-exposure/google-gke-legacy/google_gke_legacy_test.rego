# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_gke_legacy_test

import data.sealock.config.cloud_exposure.google_gke_legacy as rule
import data.sealock.lib.config_cloud_test as t

test_abac if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"enable_legacy_abac": true})])
	t.paths(findings) == {["enable_legacy_abac"]}
}

test_certificate if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"master_auth": [{"client_certificate_config": [{"issue_client_certificate": true}]}]})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["master_auth", 0, "client_certificate_config", 0, "issue_client_certificate"]}
}

test_password if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"master_auth": [{"username": "admin", "password": "x"}]})])
	t.paths(findings) == {["master_auth", 0, "username"]}
}

test_modern if {
	findings := rule.finding with input as t.doc([t.res("google_container_cluster", {"master_auth": [{"client_certificate_config": [{"issue_client_certificate": false}], "username": ""}]}), t.res("google_container_cluster", {})])
	findings == set()
}

test_port_of_the_kubelet if {
	findings := rule.finding with input as t.doc([
		t.res("google_container_node_pool", {"node_config": [{"kubelet_config": [{"insecure_kubelet_readonly_port_enabled": "TRUE"}]}]}),
		t.res("google_container_node_pool", {"node_config": [{"kubelet_config": [{"insecure_kubelet_readonly_port_enabled": "FALSE"}]}]}),
	])
	t.paths(findings) == {["node_config", 0, "kubelet_config", 0, "insecure_kubelet_readonly_port_enabled"]}
}
