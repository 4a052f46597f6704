# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Services take encrypted connections only
# description: Over a plain connection whoever is on the way reads passwords, tokens and data.
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 3.1, 4.3.1, 4.4.1 and 9.2 (secure transfer, SSL of databases, HTTPS of App Service)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-8(1) Cryptographic Protection in transit
# custom:
#   id: cloud-encryption.azure-in-transit
#   severity: high
#   remediation: Set https_only, https_traffic_only_enabled or ssl_enforcement_enabled to true, and leave the port without TLS shut.
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_encryption.azure_in_transit

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

apps := {
	"azurerm_app_service", "azurerm_linux_web_app", "azurerm_windows_web_app", "azurerm_function_app", "azurerm_linux_function_app",
	"azurerm_windows_function_app", "azurerm_app_service_slot", "azurerm_linux_web_app_slot", "azurerm_windows_web_app_slot",
	"azurerm_linux_function_app_slot", "azurerm_windows_function_app_slot", "azurerm_function_app_slot", "azurerm_logic_app_standard",
}

# Off unless it is said: an app takes HTTP too.
finding contains f if {
	some i in cloud.managed(apps)
	cloud.off(i.values, "https_only")
	f := cloud.rated(cloud.fault(i, ["https_only"], "the app takes plain HTTP", sprintf("https_only is %s", [cloud.shown(object.get(i.values, "https_only", null))]), "true"), "medium")
}

finding contains f if {
	some i in cloud.managed(apps)
	some p in cloud.at(i.values, ["site_config"])
	object.get(p.block, "ftps_state", "") == "AllAllowed"
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["ftps_state"]), "files are taken by plain FTP", "ftps_state = AllAllowed", "FtpsOnly or Disabled"), "medium")
}

# The first resources for apps take plain FTP where nothing is said.
finding contains f if {
	some i in cloud.managed({"azurerm_app_service", "azurerm_function_app"})
	some p in cloud.at(i.values, ["site_config"])
	cloud.unset(p.block, "ftps_state")
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["ftps_state"]), "files are taken by plain FTP", "ftps_state is not set", "FtpsOnly or Disabled"), "low")
}

# Wrong if they are said: types, blocks, attribute, wrong values.
said := [
	[{"azurerm_storage_account"}, [], "https_traffic_only_enabled", {false, "false"}],
	[{"azurerm_storage_account"}, [], "enable_https_traffic_only", {false, "false"}],
	[{"azurerm_mysql_server", "azurerm_postgresql_server", "azurerm_mariadb_server"}, [], "ssl_enforcement_enabled", {false, "false"}],
	[{"azurerm_mysql_server", "azurerm_postgresql_server", "azurerm_mariadb_server"}, [], "ssl_enforcement", {"Disabled"}],
	[{"azurerm_redis_cache"}, [], "enable_non_ssl_port", {true, "true"}],
	[{"azurerm_redis_cache"}, [], "non_ssl_port_enabled", {true, "true"}],
	[{"azurerm_cdn_endpoint"}, [], "is_http_allowed", {true, "true"}],
	[{"azurerm_redis_enterprise_database"}, [], "client_protocol", {"Plaintext"}],
	[{"azurerm_cdn_frontdoor_route"}, [], "https_redirect_enabled", {false, "false"}],
	[{"azurerm_container_app"}, ["ingress"], "allow_insecure_connections", {true, "true"}],
	[{"azurerm_spring_cloud_app"}, [], "https_only", {false, "false"}],
	[{"azurerm_spring_cloud_api_portal", "azurerm_spring_cloud_gateway"}, [], "https_only_enabled", {false, "false"}],
	[{"azurerm_windows_virtual_machine", "azurerm_windows_virtual_machine_scale_set"}, ["winrm_listener"], "protocol", {"Http", "http", "HTTP"}],
	[{"azurerm_virtual_machine", "azurerm_virtual_machine_scale_set"}, ["os_profile_windows_config", "winrm"], "protocol", {"Http", "http", "HTTP"}],
	[{"azurerm_hdinsight_hadoop_cluster", "azurerm_hdinsight_hbase_cluster", "azurerm_hdinsight_interactive_query_cluster", "azurerm_hdinsight_kafka_cluster", "azurerm_hdinsight_spark_cluster"}, [], "encryption_in_transit_enabled", {false, "false"}],
	[{"azurerm_service_fabric_cluster"}, ["fabric_settings", "parameters"], "ClusterProtectionLevel", {"None", "Sign"}],
]

finding contains f if {
	some w in said
	some i in cloud.managed(w[0])
	some s in cloud.settings(i.values, w[1], w[2])
	s.value in w[3]
	f := cloud.fault(i, s.path, "unencrypted connections are taken", sprintf("%s = %s", [w[2], cloud.shown(s.value)]), "encrypted connections only")
}

finding contains f if {
	some i in cloud.managed({"azurerm_postgresql_flexible_server_configuration", "azurerm_mysql_flexible_server_configuration", "azurerm_postgresql_configuration", "azurerm_mysql_configuration"})
	object.get(i.values, "name", "") == "require_secure_transport"
	lower(sprintf("%v", [object.get(i.values, "value", "")])) in {"off", "false", "0"}
	f := cloud.fault(i, ["value"], "the database takes unencrypted connections", "require_secure_transport = off", "on")
}

finding contains f if {
	some i in cloud.managed({"azurerm_api_management_api"})
	some n, protocol in cloud.list(object.get(i.values, "protocols", null))
	protocol in {"http", "ws"}
	f := cloud.rated(cloud.fault(i, ["protocols", n], "the API takes unencrypted requests", protocol, "https or wss"), "medium")
}

# Listeners of gateways, but those whose rule only redirects.
finding contains f if {
	some i in cloud.managed({"azurerm_application_gateway"})
	some p in cloud.at(i.values, ["http_listener"])
	object.get(p.block, "protocol", "") == "Http"
	not redirected(i, object.get(p.block, "name", ""))
	f := cloud.rated(cloud.fault(i, config.child(p.path, ["protocol"]), "plain HTTP is taken and not redirected", "protocol = Http", "Https, or a rule with redirect_configuration_name"), "medium")
}

redirected(i, listener) if {
	some p in cloud.at(i.values, ["request_routing_rule"])
	object.get(p.block, "http_listener_name", "") == listener
	not cloud.unset(p.block, "redirect_configuration_name")
}

# SMB of file shares, where its settings are given.
old_smb := [
	["versions", {"SMB2.1", "SMB3.0"}, "SMB3.1.1"],
	["channel_encryption_type", {"AES-128-CCM", "AES-128-GCM"}, "AES-256-GCM"],
	["kerberos_ticket_encryption_type", {"RC4-HMAC"}, "AES-256"],
]

finding contains f if {
	some i in cloud.managed({"azurerm_storage_account"})
	some p in cloud.at(i.values, ["share_properties", "smb"])
	some rule in old_smb
	given := object.get(p.block, rule[0], null)
	old := [v | some v in cloud.list(given); v in rule[1]]
	weak_smb(given, old)
	f := cloud.rated(cloud.fault(i, config.child(p.path, [rule[0]]), "shares are taken by old versions or ciphers of SMB", cloud.shown(given), rule[2]), "medium")
}

weak_smb(_, old) if count(old) > 0

weak_smb(given, _) if given == null

# The older front doors: what they take, unless the rule redirects, and how they go on to what is behind them.
finding contains f if {
	some i in cloud.managed({"azurerm_frontdoor"})
	some p in cloud.at(i.values, ["routing_rule"])
	"Http" in cloud.list(object.get(p.block, "accepted_protocols", null))
	cloud.no_blocks({"values": p.block}, "redirect_configuration")
	f := cloud.rated(cloud.fault(i, array.concat(p.path, ["accepted_protocols"]), "plain HTTP is taken and not redirected", "accepted_protocols has Http", "Https, or a rule with redirect_configuration"), "medium")
}

# What lies behind: types, blocks, attribute, wrong values, what happens, severity.
behind := [
	[{"azurerm_frontdoor"}, ["routing_rule", "forwarding_configuration"], "forwarding_protocol", {"HttpOnly"}, "requests are passed on by plain HTTP", "medium"],
	[{"azurerm_cdn_frontdoor_route"}, [], "forwarding_protocol", {"HttpOnly"}, "requests are passed on by plain HTTP", "medium"],
	[{"azurerm_application_gateway"}, ["backend_http_settings"], "protocol", {"Http"}, "requests are passed on by plain HTTP", "low"],
	[{"azurerm_api_management_backend"}, ["tls"], "validate_certificate_chain", {false, "false"}, "anybody's certificate is taken", "medium"],
	[{"azurerm_api_management_backend"}, ["tls"], "validate_certificate_name", {false, "false"}, "anybody's certificate is taken", "medium"],
	[{"azurerm_cdn_frontdoor_origin"}, [], "certificate_name_check_enabled", {false, "false"}, "anybody's certificate is taken", "medium"],
	[{"azurerm_frontdoor"}, ["backend_pool_settings"], "enforce_backend_pools_certificate_name_check", {false, "false"}, "anybody's certificate is taken", "medium"],
]

finding contains f if {
	some w in behind
	some i in cloud.managed(w[0])
	some p in cloud.at(i.values, w[1])
	v := object.get(p.block, w[2], null)
	v in w[3]
	f := cloud.rated(cloud.fault(i, config.child(p.path, [w[2]]), w[4], sprintf("%s = %v", [w[2], v]), "HTTPS with a certificate that is checked"), w[5])
}

finding contains f if {
	some i in cloud.managed({"azurerm_api_management_backend"})
	startswith(lower(cloud.text(object.get(i.values, "url", null))), "http://")
	f := cloud.rated(cloud.fault(i, ["url"], "requests are passed on by plain HTTP", "url begins with http://", "https://"), "medium")
}
