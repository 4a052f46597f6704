# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_app_service_auth_test

import data.sealock.config.cloud_exposure.azure_app_service_auth as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"name": "shop"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["auth_settings_v2"]}
}

test_off if {
	findings := rule.finding with input as t.doc([t.res("azurerm_app_service", {"auth_settings": [{"enabled": false}]})])
	t.paths(findings) == {["auth_settings", 0, "enabled"]}
}

test_debugger if {
	findings := rule.finding with input as t.doc([t.res("azurerm_app_service", {"auth_settings": [{"enabled": true}], "site_config": [{"remote_debugging_enabled": true}]})])
	t.paths(findings) == {["site_config", 0, "remote_debugging_enabled"]}
}

test_origins if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"auth_settings_v2": [{"auth_enabled": true}], "site_config": [{"cors": [{"allowed_origins": ["*"]}]}]})])
	t.paths(findings) == {["site_config", 0, "cors", 0, "allowed_origins"]}
}

test_on if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"auth_settings_v2": [{"auth_enabled": true}], "site_config": [{"cors": [{"allowed_origins": ["https://shop.example.com"]}]}]})])
	findings == set()
}
