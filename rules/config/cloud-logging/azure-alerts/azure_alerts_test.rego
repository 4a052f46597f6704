# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.azure_alerts_test

import data.sealock.config.cloud_logging.azure_alerts as rule
import data.sealock.lib.config_cloud_test as t

test_detection_off if {
	policy := t.res("azurerm_mssql_server_security_alert_policy", {"state": "Disabled"})
	block := t.res("azurerm_postgresql_server", {"threat_detection_policy": [{"enabled": false}]})
	findings := rule.finding with input as t.doc([policy, block])
	t.paths(findings) == {["state"], ["threat_detection_policy", 0, "enabled"]}
	t.severities(findings) == {"medium"}
}

test_some_alerts_off if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server_security_alert_policy", {"state": "Enabled", "disabled_alerts": ["Sql_Injection"], "email_account_admins": true})])
	t.paths(findings) == {["disabled_alerts"]}
}

test_nobody_reads if {
	policy := t.res("azurerm_mssql_server_security_alert_policy", {"state": "Enabled", "email_account_admins": false})
	contact := t.res("azurerm_security_center_contact", {"phone": "+1-555-0100", "alert_notifications": true, "alerts_to_admins": false})
	findings := rule.finding with input as t.doc([policy, contact])
	t.paths(findings) == {["email_account_admins"], ["alerts_to_admins"], ["email"]}
}

test_free if {
	findings := rule.finding with input as t.doc([t.res("azurerm_security_center_subscription_pricing", {"tier": "Free", "resource_type": "VirtualMachines"})])
	t.paths(findings) == {["tier"]}
}

test_on if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_mssql_server_security_alert_policy", {"state": "Enabled", "disabled_alerts": [], "email_addresses": ["security@example.com"]}),
		t.res("azurerm_mssql_database", {"threat_detection_policy": [{"state": "Enabled"}]}),
		t.res("azurerm_security_center_contact", {"email": "security@example.com", "alert_notifications": true, "alerts_to_admins": true}),
		t.res("azurerm_security_center_subscription_pricing", {"tier": "Standard"}),
	])
	findings == set()
}

test_parts_put_off if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_security_center_setting", {"setting_name": "MCAS", "enabled": false}),
		t.res("azurerm_security_center_auto_provisioning", {"auto_provision": "Off"}),
		t.res("azurerm_firewall_policy", {"threat_intelligence_mode": "Off"}),
		t.res("azurerm_firewall", {"threat_intel_mode": "Alert"}),
	])
	t.paths(findings) == {["enabled"], ["auto_provision"], ["threat_intelligence_mode"]}
}
