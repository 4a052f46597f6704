# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.google_logs_test

import data.sealock.config.cloud_logging.google_logs as rule
import data.sealock.lib.config_cloud_test as t

signed := [{"name": "log_connections", "value": "on"}, {"name": "log_disconnections", "value": "on"}]

server(flags) := t.res("google_sql_database_instance", {"database_version": "POSTGRES_16", "settings": [{"tier": "db-custom-2-7680", "database_flags": flags}]})

test_switched_off if {
	findings := rule.finding with input as t.doc([server([{"name": "log_connections", "value": "off"}, {"name": "log_disconnections", "value": "on"}])])
	t.paths(findings) == {["settings", 0, "database_flags", 0, "value"]}
}

test_levels if {
	findings := rule.finding with input as t.doc([server(array.concat(signed, [{"name": "log_min_messages", "value": "PANIC"}, {"name": "log_min_duration_statement", "value": "250"}, {"name": "log_temp_files", "value": "-1"}]))])
	t.paths(findings) == {["settings", 0, "database_flags", n, "value"] | some n in [2, 3, 4]}
}

test_no_flags if {
	findings := rule.finding with input as t.doc([t.res("google_sql_database_instance", {"database_version": "POSTGRES_15", "settings": [{"tier": "db-f1-micro"}]})])
	t.severities(findings) == {"low"}
}

test_logged if {
	findings := rule.finding with input as t.doc([server(array.concat(signed, [{"name": "log_min_messages", "value": "warning"}, {"name": "log_min_duration_statement", "value": "-1"}])), t.res("google_sql_database_instance", {"database_version": "MYSQL_8_0"})])
	findings == set()
}

test_names_and_clusters if {
	findings := rule.finding with input as t.doc([
		t.res("google_dns_policy", {"name": "shop"}),
		t.res("google_container_cluster", {"monitoring_service": "none"}),
		t.res("google_container_cluster", {"logging_config": [{"enable_components": []}]}),
	])
	t.paths(findings) == {["enable_logging"], ["monitoring_service"], ["logging_config", 0, "enable_components"]}
}

test_names_and_clusters_logged if {
	findings := rule.finding with input as t.doc([
		t.res("google_dns_policy", {"enable_logging": true}),
		t.res("google_container_cluster", {"logging_config": [{"enable_components": ["SYSTEM_COMPONENTS"]}]}),
		t.res("google_compute_subnetwork", {"log_config": [{"flow_sampling": 0.5}]}),
	])
	findings == set()
}

audit(service) := t.res("google_project_iam_audit_config", {"service": service, "audit_log_config": [{"log_type": "DATA_READ"}]})

test_some_services if {
	findings := rule.finding with input as t.doc([audit("storage.googleapis.com")])
	t.paths(findings) == {["service"]}
}

test_all_services if {
	findings := rule.finding with input as t.doc([audit("allServices"), audit("storage.googleapis.com")])
	findings == set()
}
