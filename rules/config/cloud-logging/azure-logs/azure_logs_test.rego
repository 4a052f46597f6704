# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.azure_logs_test

import data.sealock.config.cloud_logging.azure_logs as rule
import data.sealock.lib.config_cloud_test as t

cluster := t.res("azurerm_kubernetes_cluster", {"name": "shop"})

diagnostics(values) := t.res_refs("azurerm_monitor_diagnostic_setting", object.union({"target_resource_id": "${azurerm_kubernetes_cluster.this.id}"}, values), ["azurerm_kubernetes_cluster.this"])

test_cluster_without_logs if {
	findings := rule.finding with input as t.doc([cluster])
	t.paths(findings) == {["oms_agent"]}
}

test_cluster_without_audit_log if {
	findings := rule.finding with input as t.doc([cluster, diagnostics({"enabled_log": [{"category": "kube-apiserver"}, {"category": "guard"}]})])
	t.paths(findings) == {["enabled_log", 0, "category"]}
}

test_cluster_with_logs if {
	every i in [
		diagnostics({"enabled_log": [{"category": "kube-audit-admin"}]}),
		diagnostics({"enabled_log": [{"category_group": "allLogs"}]}),
		diagnostics({"log": [{"category": "kube-audit", "enabled": true}]}),
	] {
		findings := rule.finding with input as t.doc([cluster, i])
		findings == set()
	}
}

test_cluster_with_agent if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_kubernetes_cluster", {"oms_agent": [{"log_analytics_workspace_id": "${azurerm_log_analytics_workspace.a.id}"}]}),
		t.res("azurerm_kubernetes_cluster", {"addon_profile": [{"oms_agent": [{"enabled": true}]}]}),
	])
	findings == set()
}

test_server_settings if {
	off := t.res("azurerm_postgresql_configuration", {"name": "log_connections", "value": "Off"})
	throttle := t.res("azurerm_postgresql_flexible_server_configuration", {"name": "connection_throttle.enable", "value": "off"})
	short := t.res("azurerm_postgresql_configuration", {"name": "log_retention_days", "value": 2})
	on := t.res("azurerm_postgresql_configuration", {"name": "log_checkpoints", "value": "on"})
	other := t.res("azurerm_postgresql_configuration", {"name": "backslash_quote", "value": "off"})
	findings := rule.finding with input as t.doc([off, throttle, short, on, other])
	count(findings) == 3
}

test_retention if {
	flow := t.res("azurerm_network_watcher_flow_log", {"retention_policy": [{"enabled": true, "days": 30}]})
	sql := t.res("azurerm_mssql_server", {"extended_auditing_policy": [{"retention_in_days": 20}]})
	kept := t.res("azurerm_network_watcher_flow_log", {"retention_policy": [{"enabled": true, "days": 90}]})
	findings := rule.finding with input as t.doc([flow, sql, kept])
	t.paths(findings) == {["retention_policy", 0, "days"], ["extended_auditing_policy", 0, "retention_in_days"]}
}

test_activity_log if {
	findings := rule.finding with input as t.doc([t.res("azurerm_monitor_log_profile", {"categories": ["Action", "Write"], "retention_policy": [{"enabled": false, "days": 7}]})])
	t.paths(findings) == {["categories"], ["retention_policy", 0, "enabled"]}
}

test_activity_log_for_ever if {
	findings := rule.finding with input as t.doc([t.res("azurerm_monitor_log_profile", {"categories": ["Action", "Write", "Delete"], "retention_policy": [{"enabled": false, "days": 0}]})])
	findings == set()
}

test_queues if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"queue_properties": [{"logging": [{"read": true, "write": false, "delete": true}]}]})])
	t.paths(findings) == {["queue_properties", 0, "logging", 0, "write"]}
}

test_queues_without_logging if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"queue_properties": [{}]})])
	t.paths(findings) == {["queue_properties", 0]}
}
