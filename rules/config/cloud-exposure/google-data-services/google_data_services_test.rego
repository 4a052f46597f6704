# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_data_services_test

import data.sealock.config.cloud_exposure.google_data_services as rule
import data.sealock.lib.config_cloud_test as t

test_cache_without_password if {
	findings := rule.finding with input as t.doc([t.res("google_redis_instance", {"name": "shop"}), t.res("google_redis_cluster", {"authorization_mode": "AUTH_MODE_DISABLED"})])
	t.paths(findings) == {["auth_enabled"], ["authorization_mode"]}
}

test_public_workers if {
	cluster := t.res("google_dataproc_cluster", {"cluster_config": [{"gce_cluster_config": [{"internal_ip_only": false}]}]})
	job := t.res("google_dataflow_job", {"ip_configuration": "WORKER_IP_PUBLIC"})
	findings := rule.finding with input as t.doc([cluster, job])
	t.paths(findings) == {["cluster_config", 0, "gce_cluster_config", 0, "internal_ip_only"], ["ip_configuration"]}
	t.severities(findings) == {"medium"}
}

test_not_said if {
	findings := rule.finding with input as t.doc([t.res("google_data_fusion_instance", {"name": "etl"})])
	t.severities(findings) == {"low"}
}

test_public_database if {
	findings := rule.finding with input as t.doc([t.res("google_alloydb_instance", {"network_config": [{"enable_public_ip": true}]})])
	t.paths(findings) == {["network_config", 0, "enable_public_ip"]}
}

test_hardened if {
	findings := rule.finding with input as t.doc([
		t.res("google_redis_instance", {"auth_enabled": true}),
		t.res("google_redis_cluster", {"authorization_mode": "AUTH_MODE_IAM_AUTH"}),
		t.res("google_dataproc_cluster", {"cluster_config": [{"gce_cluster_config": [{"internal_ip_only": true}]}]}),
		t.res("google_dataflow_job", {"ip_configuration": "WORKER_IP_PRIVATE"}),
		t.res("google_data_fusion_instance", {"private_instance": "${var.private}"}),
		t.res("google_cloudbuild_worker_pool", {"worker_config": [{"no_external_ip": true}]}),
	])
	findings == set()
}

test_lists_of_everybody if {
	findings := rule.finding with input as t.doc([
		t.res("google_alloydb_instance", {"network_config": [{"enable_public_ip": false, "authorized_external_networks": [{"cidr_range": "0.0.0.0/0"}, {"cidr_range": "203.0.113.0/24"}]}]}),
		t.res("google_filestore_instance", {"file_shares": [{"nfs_export_options": [{"ip_ranges": ["0.0.0.0/0"]}]}]}),
	])
	t.paths(findings) == {["network_config", 0, "authorized_external_networks", 0, "cidr_range"], ["file_shares", 0, "nfs_export_options", 0, "ip_ranges"]}
}

test_functions_and_indexes if {
	findings := rule.finding with input as t.doc([
		t.res("google_cloudfunctions_function", {"ingress_settings": "ALLOW_ALL"}),
		t.res("google_cloudfunctions2_function", {"service_config": [{"ingress_settings": "ALLOW_INTERNAL_AND_GCLB"}]}),
		t.res("google_vertex_ai_index_endpoint", {"public_endpoint_enabled": true}),
	])
	t.paths(findings) == {["ingress_settings"], ["public_endpoint_enabled"]}
}
