# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.azure_in_transit_test

import data.sealock.config.cloud_encryption.azure_in_transit as rule
import data.sealock.lib.config_cloud_test as t

test_app if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"name": "shop"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["https_only"]}
}

test_storage if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"https_traffic_only_enabled": false})])
	t.paths(findings) == {["https_traffic_only_enabled"]}
}

test_database if {
	findings := rule.finding with input as t.doc([t.res("azurerm_postgresql_server", {"ssl_enforcement_enabled": "false"})])
	t.paths(findings) == {["ssl_enforcement_enabled"]}
}

test_cache if {
	findings := rule.finding with input as t.doc([t.res("azurerm_redis_cache", {"non_ssl_port_enabled": true})])
	t.paths(findings) == {["non_ssl_port_enabled"]}
}

test_parameter if {
	findings := rule.finding with input as t.doc([t.res("azurerm_postgresql_flexible_server_configuration", {"name": "require_secure_transport", "value": "OFF"})])
	t.paths(findings) == {["value"]}
}

test_files if {
	findings := rule.finding with input as t.doc([t.res("azurerm_app_service", {"https_only": true, "site_config": [{"ftps_state": "AllAllowed"}]})])
	t.paths(findings) == {["site_config", 0, "ftps_state"]}
}

test_tls if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"https_only": true}), t.res("azurerm_storage_account", {}), t.res("azurerm_redis_cache", {"enable_non_ssl_port": false}), t.res("azurerm_mysql_server", {"ssl_enforcement_enabled": true})])
	findings == set()
}

test_legacy_app_with_default_ftp if {
	findings := rule.finding with input as t.doc([t.res("azurerm_function_app", {"https_only": true, "site_config": [{"always_on": true}]})])
	t.paths(findings) == {["site_config", 0, "ftps_state"]}
}

test_plain_remote_management if {
	new := t.res("azurerm_windows_virtual_machine", {"winrm_listener": [{"protocol": "Https"}, {"protocol": "Http"}]})
	old := t.res("azurerm_virtual_machine", {"os_profile_windows_config": [{"winrm": [{"protocol": "http"}]}]})
	findings := rule.finding with input as t.doc([new, old])
	t.paths(findings) == {["winrm_listener", 1, "protocol"], ["os_profile_windows_config", 0, "winrm", 0, "protocol"]}
}

test_plain_api if {
	findings := rule.finding with input as t.doc([t.res("azurerm_api_management_api", {"protocols": ["https", "http"]})])
	t.paths(findings) == {["protocols", 1]}
}

gateway(rules) := t.res("azurerm_application_gateway", {
	"http_listener": [{"name": "plain", "protocol": "Http"}, {"name": "tls", "protocol": "Https"}],
	"request_routing_rule": rules,
})

test_plain_listener if {
	findings := rule.finding with input as t.doc([gateway([{"http_listener_name": "plain", "backend_http_settings_name": "shop"}])])
	t.paths(findings) == {["http_listener", 0, "protocol"]}
}

test_listener_that_redirects if {
	findings := rule.finding with input as t.doc([gateway([{"http_listener_name": "plain", "redirect_configuration_name": "to-https"}])])
	findings == set()
}

test_old_smb if {
	account := t.res("azurerm_storage_account", {"share_properties": [{"smb": [{"versions": ["SMB2.1", "SMB3.1.1"], "channel_encryption_type": ["AES-256-GCM"], "kerberos_ticket_encryption_type": ["AES-256"]}]}]})
	findings := rule.finding with input as t.doc([account])
	t.paths(findings) == {["share_properties", 0, "smb", 0, "versions"]}
}

test_new_smb if {
	account := t.res("azurerm_storage_account", {"share_properties": [{"smb": [{"versions": ["SMB3.1.1"], "channel_encryption_type": ["AES-256-GCM"], "kerberos_ticket_encryption_type": ["AES-256"]}]}]})
	findings := rule.finding with input as t.doc([account])
	findings == set()
}

test_front_doors if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_frontdoor", {"routing_rule": [{"accepted_protocols": ["Http", "Https"], "forwarding_configuration": [{"forwarding_protocol": "HttpOnly"}]}], "backend_pool_settings": [{"enforce_backend_pools_certificate_name_check": false}]}),
		t.res("azurerm_cdn_frontdoor_origin", {"certificate_name_check_enabled": false}),
	])
	t.paths(findings) == {
		["routing_rule", 0, "accepted_protocols"], ["routing_rule", 0, "forwarding_configuration", 0, "forwarding_protocol"],
		["backend_pool_settings", 0, "enforce_backend_pools_certificate_name_check"], ["certificate_name_check_enabled"],
	}
}

test_behind_gateways if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_application_gateway", {"backend_http_settings": [{"protocol": "Http", "port": 80}]}),
		t.res("azurerm_api_management_backend", {"url": "http://orders.internal", "tls": [{"validate_certificate_chain": false}]}),
		t.res("azurerm_hdinsight_kafka_cluster", {"encryption_in_transit_enabled": false}),
	])
	t.paths(findings) == {["backend_http_settings", 0, "protocol"], ["url"], ["tls", 0, "validate_certificate_chain"], ["encryption_in_transit_enabled"]}
}

test_encrypted_to_the_end if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_frontdoor", {"routing_rule": [{"accepted_protocols": ["Http"], "redirect_configuration": [{"redirect_protocol": "HttpsOnly"}]}, {"accepted_protocols": ["Https"], "forwarding_configuration": [{"forwarding_protocol": "HttpsOnly"}]}]}),
		t.res("azurerm_api_management_backend", {"url": "https://orders.internal", "tls": [{"validate_certificate_chain": true}]}),
		t.res("azurerm_cdn_frontdoor_origin", {"certificate_name_check_enabled": true}),
	])
	findings == set()
}
