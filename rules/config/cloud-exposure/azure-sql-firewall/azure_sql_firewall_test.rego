# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_sql_firewall_test

import data.sealock.config.cloud_exposure.azure_sql_firewall as rule
import data.sealock.lib.config_cloud_test as t

test_everybody if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_firewall_rule", {"start_ip_address": "0.0.0.0", "end_ip_address": "255.255.255.255"})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["end_ip_address"]}
}

test_azure if {
	findings := rule.finding with input as t.doc([t.res("azurerm_postgresql_firewall_rule", {"start_ip_address": "0.0.0.0", "end_ip_address": "0.0.0.0"})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["start_ip_address"]}
}

test_half if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mysql_flexible_server_firewall_rule", {"start_ip_address": "1.0.0.0", "end_ip_address": "200.0.0.0"})])
	t.paths(findings) == {["end_ip_address"]}
}

test_one if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_firewall_rule", {"start_ip_address": "198.51.100.7", "end_ip_address": "198.51.100.7"}), t.res("azurerm_redis_firewall_rule", {"start_ip": "${var.from}", "end_ip": "${var.to}"}), t.res("azurerm_firewall", {})])
	findings == set()
}

test_a_large_part if {
	findings := rule.finding with input as t.doc([t.res("azurerm_redis_firewall_rule", {"start_ip": "1.0.0.0", "end_ip": "3.0.0.0"})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["end_ip"]}
}

test_many if {
	findings := rule.finding with input as t.doc([t.res("azurerm_mssql_firewall_rule", {"start_ip_address": "198.18.0.0", "end_ip_address": "198.18.63.255"})])
	t.severities(findings) == {"low"}
}

test_own_network if {
	cache := t.res("azurerm_redis_firewall_rule", {"start_ip": "10.2.3.4", "end_ip": "10.3.4.5"})
	office := t.res("azurerm_mssql_firewall_rule", {"start_ip_address": "203.0.113.0", "end_ip_address": "203.0.113.255"})
	findings := rule.finding with input as t.doc([cache, office])
	findings == set()
}
