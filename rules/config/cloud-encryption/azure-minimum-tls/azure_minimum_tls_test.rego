# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.azure_minimum_tls_test

import data.sealock.config.cloud_encryption.azure_minimum_tls as rule
import data.sealock.lib.config_cloud_test as t

test_storage if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"min_tls_version": "TLS1_0"})])
	t.paths(findings) == {["min_tls_version"]}
}

test_app if {
	findings := rule.finding with input as t.doc([t.res("azurerm_linux_web_app", {"site_config": [{"minimum_tls_version": "1.1"}]})])
	t.paths(findings) == {["site_config", 0, "minimum_tls_version"]}
}

test_number if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_server", {"minimum_tls_version": 1.0})])
	t.paths(findings) == {["minimum_tls_version"]}
}

test_database if {
	findings := rule.finding with input as t.doc([t.res("azurerm_postgresql_server", {"ssl_minimal_tls_version_enforced": "TLSEnforcementDisabled"})])
	t.paths(findings) == {["ssl_minimal_tls_version_enforced"]}
}

test_cache if {
	findings := rule.finding with input as t.doc([t.res("azurerm_redis_cache", {"name": "a"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["minimum_tls_version"]}
}

test_gateway if {
	findings := rule.finding with input as t.doc([t.res("azurerm_application_gateway", {"ssl_policy": [{"policy_name": "AppGwSslPolicy20150501"}]})])
	t.paths(findings) == {["ssl_policy", 0, "policy_name"]}
}

test_modern if {
	findings := rule.finding with input as t.doc([t.res("azurerm_storage_account", {"min_tls_version": "TLS1_2"}), t.res("azurerm_redis_cache", {"minimum_tls_version": "1.2"}), t.res("azurerm_mssql_server", {"minimum_tls_version": 1.2}), t.res("azurerm_storage_account", {}), t.res("azurerm_linux_web_app", {"site_config": [{"minimum_tls_version": "1.3"}]})])
	findings == set()
}

test_api_gateway if {
	findings := rule.finding with input as t.doc([t.res("azurerm_api_management", {"security": [{"enable_backend_ssl30": false, "frontend_tls10_enabled": true, "triple_des_ciphers_enabled": "true"}]})])
	t.paths(findings) == {["security", 0, "frontend_tls10_enabled"], ["security", 0, "triple_des_ciphers_enabled"]}
}

test_server_settings if {
	old := t.res("azurerm_mysql_flexible_server_configuration", {"name": "tls_version", "value": "TLSv1.1,TLSv1.2"})
	new := t.res("azurerm_postgresql_flexible_server_configuration", {"name": "ssl_min_protocol_version", "value": "TLSv1.2"})
	findings := rule.finding with input as t.doc([old, new])
	t.paths(findings) == {["value"]}
}

test_tunnel if {
	findings := rule.finding with input as t.doc([t.res("azurerm_virtual_network_gateway_connection", {"ipsec_policy": [{"dh_group": "DHGroup2", "ike_encryption": "DES3", "ike_integrity": "SHA256", "ipsec_encryption": "AES256", "ipsec_integrity": "MD5", "pfs_group": "PFS2048"}]})])
	t.paths(findings) == {["ipsec_policy", 0, "dh_group"], ["ipsec_policy", 0, "ike_encryption"], ["ipsec_policy", 0, "ipsec_integrity"]}
}

test_strong_tunnel if {
	findings := rule.finding with input as t.doc([t.res("azurerm_virtual_network_gateway_connection", {"ipsec_policy": [{"dh_group": "DHGroup14", "ike_encryption": "AES256", "ike_integrity": "SHA256", "ipsec_encryption": "GCMAES256", "ipsec_integrity": "GCMAES256", "pfs_group": "PFS2048"}]})])
	findings == set()
}

test_analysis_cluster if {
	findings := rule.finding with input as t.doc([t.res("azurerm_hdinsight_spark_cluster", {"tls_min_version": "1.0"}), t.res("azurerm_hdinsight_spark_cluster", {"tls_min_version": "1.2"})])
	t.paths(findings) == {["tls_min_version"]}
}

test_custom_domain_without_a_minimum if {
	findings := rule.finding with input as t.doc([t.res("azurerm_cdn_endpoint_custom_domain", {"user_managed_https": [{"tls_version": "None"}]}), t.res("azurerm_cdn_endpoint_custom_domain", {"user_managed_https": [{"tls_version": "TLS12"}]})])
	count(findings) == 1
}
