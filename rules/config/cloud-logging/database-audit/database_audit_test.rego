# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.database_audit_test

import data.sealock.config.cloud_logging.database_audit as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server", {"name": "a"})])
	t.paths(findings) == {[]}
}

test_short if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server_extended_auditing_policy", {"retention_in_days": 30})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["retention_in_days"]}
}

test_exempted if {
	findings := rule.finding with input as t.doc([t.res("google_project_iam_audit_config", {"audit_log_config": [{"log_type": "DATA_READ", "exempted_members": ["user:alice@example.com"]}]})])
	t.paths(findings) == {["audit_log_config", 0, "exempted_members"]}
}

test_kept if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server", {"name": "a"}), t.res_refs("azurerm_mssql_server_extended_auditing_policy", {"retention_in_days": 120}, ["azurerm_mssql_server.this"]), t.res("google_project_iam_audit_config", {"audit_log_config": [{"log_type": "DATA_READ"}]})])
	findings == set()
}
