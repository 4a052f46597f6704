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
