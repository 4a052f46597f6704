# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_app_service_auth_test

import data.sealock.config.cloud_exposure.azure_app_service_auth as rule
import data.sealock.lib.config_cloud_test as t

test_none if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"name": "shop"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["auth_settings_v2"], ["client_certificate_enabled"]}
}

test_off if {
	findings := rule.finding with input as t.doc([t.res("azurerm_app_service", {"client_cert_enabled": true, "auth_settings": [{"enabled": false}]})])
	t.paths(findings) == {["auth_settings", 0, "enabled"]}
}

test_debugger if {
	findings := rule.finding with input as t.doc([t.res("azurerm_app_service", {"client_cert_enabled": true, "auth_settings": [{"enabled": true}], "site_config": [{"remote_debugging_enabled": true}]})])
	t.paths(findings) == {["site_config", 0, "remote_debugging_enabled"]}
}

test_origins if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"client_certificate_enabled": true, "auth_settings_v2": [{"auth_enabled": true}], "site_config": [{"cors": [{"allowed_origins": ["*"]}]}]})])
	t.paths(findings) == {["site_config", 0, "cors", 0, "allowed_origins"]}
}

test_on if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"client_certificate_enabled": true, "auth_settings_v2": [{"auth_enabled": true}], "site_config": [{"cors": [{"allowed_origins": ["https://shop.example.com"]}]}]})])
	findings == set()
}

test_second_version_without_switch if {
	findings := rule.finding with input as t.doc([t.res("azurerm_windows_web_app", {"client_certificate_enabled": true, "auth_settings": [{"enabled": true}], "auth_settings_v2": [{"login": [{}]}]})])
	t.paths(findings) == {["auth_settings_v2", 0, "auth_enabled"]}
}

test_second_version_counts if {
	findings := rule.finding with input as t.doc([t.res("azurerm_windows_web_app", {"client_certificate_enabled": true, "auth_settings": [{"enabled": false}], "auth_settings_v2": [{"auth_enabled": true}]})])
	findings == set()
}

test_no_client_certificates if {
	legacy := t.res("azurerm_app_service", {"auth_settings": [{"enabled": true}], "client_cert_enabled": false})
	function := t.res("azurerm_linux_function_app", {"auth_settings_v2": [{"auth_enabled": true}]})
	findings := rule.finding with input as t.doc([legacy, function])
	t.paths(findings) == {["client_cert_enabled"], ["client_certificate_enabled"]}
	t.severities(findings) == {"low"}
}

test_certificates_are_optional if {
	function := t.res("azurerm_windows_function_app", {"auth_settings_v2": [{"auth_enabled": true}], "client_certificate_enabled": true, "client_certificate_mode": "Optional"})
	findings := rule.finding with input as t.doc([function])
	t.paths(findings) == {["client_certificate_mode"]}
}

test_certificates_are_required if {
	required := t.res("azurerm_function_app", {"auth_settings": [{"enabled": true}], "client_cert_mode": "Required"})
	second := t.res("azurerm_linux_web_app", {"auth_settings_v2": [{"auth_enabled": true}], "site_config": [{"http2_enabled": true}]})
	findings := rule.finding with input as t.doc([required, second])
	findings == set()
}

test_publishing_by_password if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"ftp_publish_basic_authentication_enabled": true, "webdeploy_publish_basic_authentication_enabled": false, "client_certificate_enabled": true, "auth_settings_v2": [{"auth_enabled": true}]})])
	t.paths(findings) == {["ftp_publish_basic_authentication_enabled"]}
}
