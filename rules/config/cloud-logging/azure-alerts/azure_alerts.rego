# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Alerts of the cloud's own detection are on and reach somebody"
# description: An attack that was seen helps nobody if the detection is put off for that kind of attack, or its mail goes nowhere.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 2.1.1 to 2.1.20 and 4.2.1 (Defender plans, security contacts, threat detection of SQL)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SI-4(5) System-generated Alerts
# custom:
#   id: cloud-logging.azure-alerts
#   severity: low
#   remediation: "Set state = \"Enabled\" without disabled_alerts, alert_notifications and alerts_to_admins = true with an email, and tier = \"Standard\"."
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.azure_alerts

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

policies := {"azurerm_mssql_server_security_alert_policy", "azurerm_mssql_database_security_alert_policy", "azurerm_mssql_managed_instance_security_alert_policy"}

# A policy of its own, or a block in a database or server.
detections contains {"item": i, "path": [], "block": i.values} if {
	some i in cloud.managed(policies)
}

detections contains {"item": i, "path": p.path, "block": p.block} if {
	some i in cloud.managed({"azurerm_sql_database", "azurerm_mssql_database", "azurerm_sql_server", "azurerm_mssql_server", "azurerm_postgresql_server", "azurerm_mysql_server"})
	some p in cloud.at(i.values, ["threat_detection_policy"])
}

finding contains f if {
	some d in detections
	object.get(d.block, "state", "") in {"Disabled", "New"}
	f := cloud.rated(cloud.fault(d.item, config.child(d.path, ["state"]), "attacks on the database are not looked for", sprintf("state = %s", [d.block.state]), "Enabled"), "medium")
}

finding contains f if {
	some d in detections
	cloud.put_off(d.block, "enabled")
	f := cloud.rated(cloud.fault(d.item, config.child(d.path, ["enabled"]), "attacks on the database are not looked for", "enabled = false", "true"), "medium")
}

finding contains f if {
	some d in detections
	off := [a | some a in cloud.list(object.get(d.block, "disabled_alerts", null)); a != ""]
	count(off) > 0
	f := cloud.rated(cloud.fault(d.item, config.child(d.path, ["disabled_alerts"]), "some attacks on the database are not looked for", json.marshal(off), "none"), "medium")
}

finding contains f if {
	some d in detections
	d.item.type in policies
	object.get(d.block, "state", "") == "Enabled"
	every key in ["email_account_admins", "email_account_admins_enabled"] {
		cloud.off(d.block, key)
	}
	cloud.unset(d.block, "email_addresses")
	f := cloud.fault(d.item, config.child(d.path, ["email_account_admins"]), "nobody gets the alerts", "no email_account_admins, no email_addresses", "email_account_admins = true")
}

finding contains f if {
	some i in cloud.managed({"azurerm_security_center_contact"})
	some key in ["alert_notifications", "alerts_to_admins"]
	cloud.put_off(i.values, key)
	f := cloud.fault(i, [key], "alerts are not sent", sprintf("%s = false", [key]), "true")
}

finding contains f if {
	some i in cloud.managed({"azurerm_security_center_contact"})
	cloud.unset(i.values, "email")
	f := cloud.fault(i, ["email"], "alerts have no address", "no email", "an address that is read")
}

finding contains f if {
	some i in cloud.managed({"azurerm_security_center_subscription_pricing"})
	object.get(i.values, "tier", "") == "Free"
	f := cloud.fault(i, ["tier"], "attacks on these resources are not looked for", "tier = Free", "Standard")
}

# Parts of the detection that are put off.
finding contains f if {
	some i in cloud.managed({"azurerm_security_center_setting"})
	cloud.put_off(i.values, "enabled")
	f := cloud.fault(i, ["enabled"], "attacks on these resources are not looked for", "enabled = false", "true")
}

finding contains f if {
	some i in cloud.managed({"azurerm_security_center_auto_provisioning"})
	object.get(i.values, "auto_provision", "") == "Off"
	f := cloud.fault(i, ["auto_provision"], "machines are not watched", "auto_provision = Off", "On")
}

finding contains f if {
	some w in [["azurerm_firewall", "threat_intel_mode"], ["azurerm_firewall_policy", "threat_intelligence_mode"]]
	some i in cloud.managed({w[0]})
	object.get(i.values, w[1], "") == "Off"
	f := cloud.fault(i, [w[1]], "addresses that are known for attacks are not noticed", sprintf("%s = Off", [w[1]]), "Deny or Alert")
}
