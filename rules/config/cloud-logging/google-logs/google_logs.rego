# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Databases, clusters and name servers of Google Cloud write their logs"
# description: Who signed in, what was asked, and what failed is known afterwards only if it was logged.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 2.12 and 6.2.1 to 6.2.8 (logging of Cloud DNS, flags of PostgreSQL)
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: CIS Kubernetes Benchmarks, GKE, 5.7.1 (logging and monitoring of clusters)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AU-12 Audit Record Generation
# custom:
#   id: cloud-logging.google-logs
#   severity: medium
#   remediation: Set log_connections, log_disconnections, log_checkpoints and log_lock_waits to on, log_min_messages to warning, enable_logging to true.
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.google_logs

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

servers := [i |
	some i in cloud.managed({"google_sql_database_instance"})
	startswith(upper(cloud.text(object.get(i.values, "database_version", ""))), "POSTGRES")
]

flags(i) := cloud.at(i.values, ["settings", "database_flags"])

value(block) := lower(sprintf("%v", [object.get(block, "value", "")]))

switches := ["log_connections", "log_disconnections", "log_checkpoints", "log_lock_waits", "cloudsql.enable_pgaudit"]

finding contains f if {
	some i in servers
	some p in flags(i)
	name := object.get(p.block, "name", "")
	name in switches
	value(p.block) in {"off", "0", "false"}
	f := cloud.fault(i, config.child(p.path, ["value"]), sprintf("%s is off", [name]), sprintf("%s = %s", [name, value(p.block)]), "on")
}

# Values that leave out what an investigation asks for.
levels := {
	"log_min_messages": {"fatal", "panic", "log"},
	"log_min_error_statement": {"fatal", "panic", "log"},
	"log_error_verbosity": {"terse"},
	"log_statement": {"none"},
}

finding contains f if {
	some i in servers
	some p in flags(i)
	name := object.get(p.block, "name", "")
	value(p.block) in levels[name]
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["value"]), "errors or changes are not logged", sprintf("%s = %s", [name, value(p.block)]), "a level that records them"), "low")
}

# Statements are logged with their values, secrets among them.
finding contains f if {
	some i in servers
	some p in flags(i)
	object.get(p.block, "name", "") == "log_min_duration_statement"
	cloud.number(object.get(p.block, "value", null)) > -1
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["value"]), "statements are logged with the values in them", sprintf("log_min_duration_statement = %v", [p.block.value]), "-1"), "low")
}

finding contains f if {
	some i in servers
	some p in flags(i)
	object.get(p.block, "name", "") == "log_temp_files"
	value(p.block) != "0"
	config.known(value(p.block))
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["value"]), "queries that need large files are not logged", sprintf("log_temp_files = %s", [value(p.block)]), "0"), "low")
}

# Sign-ins are what has to be there.
finding contains f if {
	some i in servers
	cloud.no_blocks(i, "clone")
	cloud.unset(i.values, "master_instance_name")
	cloud.get(i.values, "instance_type", "") != "ON_PREMISES_INSTANCE"
	names := [name | some p in flags(i); name := object.get(p.block, "name", "")]
	every name in names {
		config.known(name)
	}
	missing := [name | some name in ["log_connections", "log_disconnections"]; not name in names]
	count(missing) > 0
	f := cloud.rated(cloud.fault(i, ["settings", 0, "database_flags"], "sign-ins to the database are not logged", sprintf("no flag %s", [concat(", ", missing)]), "on"), "low")
}

finding contains f if {
	some i in cloud.managed({"google_dns_policy"})
	cloud.off(i.values, "enable_logging")
	f := cloud.rated(cloud.fault(i, ["enable_logging"], "queries of names are not logged", sprintf("enable_logging is %s", [cloud.shown(object.get(i.values, "enable_logging", null))]), "true"), "low")
}

finding contains f if {
	some i in cloud.managed({"google_container_cluster"})
	object.get(i.values, "monitoring_service", "") == "none"
	f := cloud.fault(i, ["monitoring_service"], "nobody sees what the cluster does", "none", "monitoring.googleapis.com/kubernetes")
}

finding contains f if {
	some i in cloud.managed({"google_container_cluster"})
	some p in cloud.at(i.values, ["logging_config"])
	components := object.get(p.block, "enable_components", null)
	components == []
	f := cloud.fault(i, config.child(p.path, ["enable_components"]), "the cluster writes no logs", "none", "SYSTEM_COMPONENTS and WORKLOADS")
}

finding contains f if {
	some i in cloud.managed({"google_compute_subnetwork"})
	some p in cloud.at(i.values, ["log_config"])
	cloud.number(object.get(p.block, "flow_sampling", null)) == 0
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["flow_sampling"]), "connections in the subnet are not logged", "flow_sampling = 0", "0.5 or more"), "low")
}

# Records of one service only.
finding contains f if {
	some i in cloud.managed({"google_project_iam_audit_config", "google_folder_iam_audit_config", "google_organization_iam_audit_config"})
	service := cloud.text(object.get(i.values, "service", ""))
	config.known(service)
	service != ""
	not i.type in all_services
	f := cloud.rated(cloud.fault(i, ["service"], "reading and changing is recorded of some services only", service, "allServices"), "low")
}

all_services := {i.type |
	some i in cloud.managed({"google_project_iam_audit_config", "google_folder_iam_audit_config", "google_organization_iam_audit_config"})
	recorded(object.get(i.values, "service", ""))
}

recorded(service) if service == "allServices"

recorded(service) if not config.known(service)
