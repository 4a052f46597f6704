# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Clusters, databases and subscriptions of Azure keep their logs
# description: Who signed in, who changed a role and what was read is known afterwards only if it was logged, and kept longer than an intruder stays unseen.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 4.3.2 to 4.3.6, 5.1.2 and 6.5 (logs of PostgreSQL, activity log, retention of flow logs)
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, AKS, 2.1.1 (enable audit logs)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AU-11 Audit Record Retention and AU-12 Audit Record Generation
# custom:
#   id: cloud-logging.azure-logs
#   severity: medium
#   remediation: Add an azurerm_monitor_diagnostic_setting with kube-audit, leave the servers' log settings on, and keep logs for 90 days (the activity log for 365).
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.azure_logs

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_kubernetes_cluster"})
	not monitored(i)
	settings := cloud.companions(i, {"azurerm_monitor_diagnostic_setting"}, "target_resource_id")
	count(settings) == 0
	f := cloud.fault(i, ["oms_agent"], "the cluster's logs are not kept", "no oms_agent, and no azurerm_monitor_diagnostic_setting for it", "a diagnostic setting with kube-audit or kube-audit-admin")
}

finding contains f if {
	some i in cloud.managed({"azurerm_kubernetes_cluster"})
	settings := cloud.companions(i, {"azurerm_monitor_diagnostic_setting"}, "target_resource_id")
	count(settings) > 0
	every s in settings {
		not audits(s)
	}
	some p in array.slice(logs(settings[0]), 0, 1)
	f := cloud.fault(settings[0], config.child(p.path, ["category"]), "the audit log of the cluster is not kept", concat(", ", [text | some l in logs(settings[0]); text := cloud.text(object.get(l.block, "category", ""))]), "kube-audit or kube-audit-admin")
}

monitored(i) if {
	some p in cloud.at(i.values, ["oms_agent"])
	not cloud.put_off(p.block, "enabled")
}

monitored(i) if {
	some p in cloud.at(i.values, ["addon_profile", "oms_agent"])
	not cloud.put_off(p.block, "enabled")
}

logs(setting) := array.concat(cloud.at(setting.values, ["enabled_log"]), cloud.at(setting.values, ["log"]))

audits(setting) if {
	some l in logs(setting)
	not cloud.put_off(l.block, "enabled")
	audited(l.block)
}

# Without blocks, or with a dynamic one, nothing is known.
audits(setting) if count(logs(setting)) == 0

audited(block) if object.get(block, "category", "") in {"kube-audit", "kube-audit-admin"}

audited(block) if object.get(block, "category_group", "") in {"audit", "allLogs"}

audited(block) if not config.known(object.get(block, "category", ""))

server_settings := {
	"azurerm_postgresql_configuration", "azurerm_postgresql_flexible_server_configuration", "azurerm_mysql_configuration",
	"azurerm_mysql_flexible_server_configuration", "azurerm_mariadb_configuration",
}

log_switches := {
	"log_checkpoints", "log_connections", "log_disconnections", "log_duration", "log_retention", "connection_throttling",
	"connection_throttle.enable", "audit_log_enabled",
}

finding contains f if {
	some i in cloud.managed(server_settings)
	name := cloud.text(object.get(i.values, "name", ""))
	lower(name) in log_switches
	lower(sprintf("%v", [object.get(i.values, "value", "")])) in {"off", "false", "0"}
	f := cloud.fault(i, ["value"], sprintf("%s is off", [name]), sprintf("%s = %v", [name, i.values.value]), "on")
}

finding contains f if {
	some i in cloud.managed(server_settings)
	name := cloud.text(object.get(i.values, "name", ""))
	name in {"log_retention_days", "logfiles.retention_days"}
	days := cloud.number(object.get(i.values, "value", null))
	days < 4
	f := cloud.rated(cloud.fault(i, ["value"], "logs are kept for a short time", sprintf("%v days", [days]), "more than 3 days"), "low")
}

# How long: types, blocks, attribute, days.
retention := [
	[{"azurerm_network_watcher_flow_log"}, ["retention_policy"], "days", 90],
	[{"azurerm_monitor_log_profile"}, ["retention_policy"], "days", 365],
	[{"azurerm_mssql_server", "azurerm_mssql_database", "azurerm_sql_server", "azurerm_sql_database"}, ["extended_auditing_policy"], "retention_in_days", 90],
]

finding contains f if {
	some r in retention
	some i in cloud.managed(r[0])
	some p in cloud.at(i.values, r[1])
	not cloud.put_off(p.block, "enabled")
	days := cloud.number(object.get(p.block, r[2], null))
	days > 0
	days < r[3]
	f := cloud.rated(cloud.fault(i, config.child(p.path, [r[2]]), "logs are kept for a short time", sprintf("%v days", [days]), sprintf("%d days or more", [r[3]])), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_network_watcher_flow_log", "azurerm_monitor_log_profile"})
	some p in cloud.at(i.values, ["retention_policy"])
	cloud.put_off(p.block, "enabled")
	not cloud.number(object.get(p.block, "days", null)) == 0
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["enabled"]), "how long logs are kept is not said", "enabled = false", "true, and days"), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_monitor_log_profile"})
	categories := cloud.list(object.get(i.values, "categories", null))
	every c in categories {
		config.known(c)
	}
	missing := [c | some c in ["Action", "Delete", "Write"]; not c in categories]
	count(missing) > 0
	f := cloud.fault(i, ["categories"], sprintf("the activity log lacks %s", [concat(", ", missing)]), json.marshal(categories), "Action, Delete and Write")
}

# Queues of a storage account, where their logging is given.
finding contains f if {
	some i in cloud.managed({"azurerm_storage_account"})
	some p in cloud.at(i.values, ["queue_properties", "logging"])
	off := [k | some k in ["read", "write", "delete"]; cloud.put_off(p.block, k)]
	count(off) > 0
	f := cloud.rated(cloud.fault(i, config.child(p.path, [off[0]]), "requests to the queues are not logged", sprintf("%s is false", [concat(", ", off)]), "true"), "low")
}

finding contains f if {
	some i in cloud.managed({"azurerm_storage_account"})
	some p in cloud.at(i.values, ["queue_properties"])
	cloud.unset(p.block, "logging")
	f := cloud.rated(cloud.fault(i, p.path, "requests to the queues are not logged", "no logging block", "read, write and delete = true"), "low")
}
