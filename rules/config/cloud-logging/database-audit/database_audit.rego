# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Audit records of databases and projects are kept
# description: Without audit records nobody knows what was read through a stolen session.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 4.1.1 and 4.1.6 (auditing of SQL servers, retention over 90 days)
# - ref: https://www.cisecurity.org/benchmark/google_cloud_computing_platform
#   description: CIS Google Cloud Platform Foundation Benchmark 3.0, 2.1 (Cloud Audit Logging is configured properly)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AU-11 Audit Record Retention
# custom:
#   id: cloud-logging.database-audit
#   severity: medium
#   remediation: "Add an azurerm_mssql_server_extended_auditing_policy with 90 days or more, and don't exempt members from Google's audit logs."
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.database_audit

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"azurerm_mssql_server", "azurerm_sql_server"})
	cloud.no_blocks(i, "extended_auditing_policy")
	count(cloud.companions(i, {"azurerm_mssql_server_extended_auditing_policy"}, "server_id")) == 0
	f := cloud.fault(i, [], "the server keeps no audit records", "no azurerm_mssql_server_extended_auditing_policy for it", "an auditing policy")
}

finding contains f if {
	some i in cloud.managed({"azurerm_mssql_server_extended_auditing_policy", "azurerm_mssql_database_extended_auditing_policy"})
	days := cloud.number(object.get(i.values, "retention_in_days", null))
	days > 0
	days < 90
	f := cloud.rated(cloud.fault(i, ["retention_in_days"], "audit records are kept for a short time", sprintf("%v days", [days]), "90 days or more"), "low")
}

finding contains f if {
	some i in cloud.managed({"google_project_iam_audit_config", "google_folder_iam_audit_config", "google_organization_iam_audit_config"})
	some p in cloud.at(i.values, ["audit_log_config"])
	members := cloud.list(object.get(p.block, "exempted_members", null))
	count(members) > 0
	f := cloud.fault(i, config.child(p.path, ["exempted_members"]), "some members are not recorded", json.marshal(members), "none")
}
