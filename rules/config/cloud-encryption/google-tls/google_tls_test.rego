# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.google_tls_test

import data.sealock.config.cloud_encryption.google_tls as rule
import data.sealock.lib.config_cloud_test as t

test_old if {
	findings := rule.finding with input as t.doc([t.res("google_compute_ssl_policy", {"profile": "MODERN"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["min_tls_version"]}
}

test_no_policy if {
	findings := rule.finding with input as t.doc([t.res("google_compute_target_https_proxy", {"url_map": "a"})])
	t.paths(findings) == {["ssl_policy"]}
}

test_plain if {
	findings := rule.finding with input as t.doc([t.res("google_compute_url_map", {"default_service": "a"}), t.res_refs("google_compute_target_http_proxy", {"url_map": "${google_compute_url_map.this.id}"}, ["google_compute_url_map.this"])])
	t.paths(findings) == {["url_map"]}
}

test_cache if {
	findings := rule.finding with input as t.doc([t.res("google_redis_instance", {"name": "a"})])
	t.paths(findings) == {["transit_encryption_mode"]}
}

test_modern if {
	findings := rule.finding with input as t.doc([t.res("google_compute_ssl_policy", {"min_tls_version": "TLS_1_2", "profile": "MODERN"}), t.res("google_compute_target_https_proxy", {"ssl_policy": "${google_compute_ssl_policy.a.id}"}), t.res("google_compute_url_map", {"default_url_redirect": [{"https_redirect": true}]}), t.res_refs("google_compute_target_http_proxy", {"url_map": "${google_compute_url_map.this.id}"}, ["google_compute_url_map.this"])])
	findings == set()
}

test_map_from_elsewhere if {
	findings := rule.finding with input as t.doc([t.res("google_compute_target_http_proxy", {"url_map": "${var.map}"})])
	findings == set()
}

test_weak_ciphers if {
	plain := t.res("google_compute_ssl_policy", {"min_tls_version": "TLS_1_2"})
	custom := t.res("google_compute_ssl_policy", {"min_tls_version": "TLS_1_2", "profile": "CUSTOM", "custom_features": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_CBC_SHA"]})
	findings := rule.finding with input as t.doc([plain, custom])
	t.paths(findings) == {["profile"], ["custom_features"]}
	t.severities(findings) == {"low"}
}

test_strong_ciphers if {
	findings := rule.finding with input as t.doc([
		t.res("google_compute_ssl_policy", {"min_tls_version": "TLS_1_2", "profile": "RESTRICTED"}),
		t.res("google_compute_ssl_policy", {"min_tls_version": "TLS_1_2", "profile": "CUSTOM", "custom_features": ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"]}),
	])
	findings == set()
}

test_plain_functions_and_stores if {
	findings := rule.finding with input as t.doc([
		t.res("google_cloudfunctions_function", {"https_trigger_security_level": "SECURE_OPTIONAL"}),
		t.res("google_alloydb_instance", {"client_connection_config": [{"ssl_config": [{"ssl_mode": "ALLOW_UNENCRYPTED_AND_ENCRYPTED"}]}]}),
		t.res("google_redis_cluster", {"transit_encryption_mode": "TRANSIT_ENCRYPTION_MODE_SERVER_AUTHENTICATION"}),
	])
	t.paths(findings) == {["https_trigger_security_level"], ["client_connection_config", 0, "ssl_config", 0, "ssl_mode"]}
}

test_onward if {
	findings := rule.finding with input as t.doc([
		t.res("google_pubsub_subscription", {"push_config": [{"push_endpoint": "http://hooks.example.com/orders"}]}),
		t.res("google_cloud_scheduler_job", {"http_target": [{"uri": "https://jobs.example.com/run"}]}),
		t.res("google_compute_backend_service", {"protocol": "HTTP"}),
		t.res("google_compute_backend_service", {"protocol": "HTTPS"}),
	])
	t.paths(findings) == {["push_config", 0, "push_endpoint"], ["protocol"]}
}
