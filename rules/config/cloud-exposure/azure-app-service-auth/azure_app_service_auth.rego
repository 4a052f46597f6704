# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Apps ask for a sign-in and for certificates, and allow no other origins and debuggers
# description: "An app without authentication serves everybody; an open debugger or CORS for * lets strangers in by the side."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/azure
#   description: CIS Microsoft Azure Foundations Benchmark 2.0, 9.1 (App Service authentication is set up)
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, AC-3 Access Enforcement
# custom:
#   id: cloud-exposure.azure-app-service-auth
#   severity: medium
#   remediation: Set auth_settings_v2 with auth_enabled and require_authentication, leave remote_debugging_enabled out, and name the origins.
#   zeroTrust: [Z10]
#   kinds: [terraform]
package sealock.config.cloud_exposure.azure_app_service_auth

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

types := {
	"azurerm_app_service", "azurerm_linux_web_app", "azurerm_windows_web_app", "azurerm_function_app", "azurerm_linux_function_app",
	"azurerm_windows_function_app", "azurerm_app_service_slot", "azurerm_linux_web_app_slot", "azurerm_windows_web_app_slot",
	"azurerm_linux_function_app_slot", "azurerm_windows_function_app_slot",
}

finding contains f if {
	some i in cloud.managed(types)
	cloud.no_blocks(i, "auth_settings")
	cloud.no_blocks(i, "auth_settings_v2")
	f := cloud.rated(cloud.fault(i, ["auth_settings_v2"], "the app does not ask for a sign-in", "no auth_settings", "auth_settings_v2 with auth_enabled = true"), "low")
}

# Where both are given, the second version counts.
finding contains f if {
	some i in cloud.managed(types)
	some p in cloud.at(i.values, ["auth_settings_v2"])
	cloud.off(p.block, "auth_enabled")
	f := cloud.fault(i, config.child(p.path, ["auth_enabled"]), "the app does not ask for a sign-in", sprintf("auth_enabled is %s", [cloud.shown(object.get(p.block, "auth_enabled", null))]), "true")
}

finding contains f if {
	some i in cloud.managed(types)
	cloud.no_blocks(i, "auth_settings_v2")
	some p in cloud.at(i.values, ["auth_settings"])
	cloud.off(p.block, "enabled")
	f := cloud.fault(i, config.child(p.path, ["enabled"]), "the app does not ask for a sign-in", sprintf("enabled is %s", [cloud.shown(object.get(p.block, "enabled", null))]), "true")
}

# Over HTTP/2 the service can't ask for certificates.
finding contains f if {
	some i in cloud.managed(types)
	not certified(i)
	not second_http(i)
	key := certificate_key(i)
	f := cloud.rated(cloud.fault(i, [key], "callers need no client certificate", sprintf("%s is %s", [key, cloud.shown(object.get(i.values, key, null))]), "certificates enabled and Required"), "low")
}

certified(i) if {
	some key in ["client_certificate_enabled", "client_cert_enabled"]
	not cloud.off(i.values, key)
	mode(i) in {"", "Required"}
}

certified(i) if {
	every key in ["client_certificate_enabled", "client_cert_enabled"] {
		not cloud.put_off(i.values, key)
	}
	not mode(i) in {"", "Optional", "OptionalInteractiveUser"}
}

mode(i) := cloud.text(cloud.get(i.values, "client_certificate_mode", object.get(i.values, "client_cert_mode", "")))

second_http(i) if {
	some p in cloud.at(i.values, ["site_config"])
	cloud.put_on(p.block, "http2_enabled")
}

certificate_key(i) := array.concat([k | some k in certificate_keys; object.get(i.values, k, null) != null], ["client_certificate_enabled"])[0]

certificate_keys := ["client_certificate_mode", "client_cert_mode", "client_certificate_enabled", "client_cert_enabled"]

finding contains f if {
	some i in cloud.managed(types)
	some p in cloud.at(i.values, ["site_config"])
	cloud.put_on(p.block, "remote_debugging_enabled")
	f := cloud.fault(i, config.child(p.path, ["remote_debugging_enabled"]), "a debugger can be attached from outside", "remote_debugging_enabled = true", "false")
}

finding contains f if {
	some i in cloud.managed(types)
	some p in cloud.at(i.values, ["site_config", "cors"])
	"*" in cloud.list(object.get(p.block, "allowed_origins", null))
	f := cloud.fault(i, config.child(p.path, ["allowed_origins"]), "pages of every origin may call the app", "allowed_origins has *", "named origins")
}

# Passwords for publishing, which get round the directory.
finding contains f if {
	some i in cloud.managed(types)
	some key in ["ftp_publish_basic_authentication_enabled", "webdeploy_publish_basic_authentication_enabled"]
	cloud.put_on(i.values, key)
	f := cloud.rated(cloud.fault(i, [key], "code is published by a password", sprintf("%s = true", [key]), "false"), "low")
}
