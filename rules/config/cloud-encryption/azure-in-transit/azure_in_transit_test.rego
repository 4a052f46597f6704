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
