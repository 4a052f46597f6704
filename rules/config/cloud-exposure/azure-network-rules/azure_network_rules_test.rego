# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.azure_network_rules_test

import data.sealock.config.cloud_exposure.azure_network_rules as rule
import data.sealock.lib.config_cloud_test as t

test_rdp if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_security_rule", {"direction": "Inbound", "access": "Allow", "protocol": "Tcp", "destination_port_range": "3389", "source_address_prefix": "*"})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["source_address_prefix"]}
}

test_in_the_group if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_security_group", {"security_rule": [{"direction": "Inbound", "access": "Allow", "protocol": "*", "destination_port_ranges": ["443", "20-25"], "source_address_prefix": "Internet"}]})])
	t.paths(findings) == {["security_rule", 0, "source_address_prefix"]}
}

test_everything if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_security_rule", {"direction": "inbound", "access": "allow", "protocol": "*", "destination_port_range": "*", "source_address_prefixes": ["0.0.0.0/0"], "source_address_prefix": null})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["source_address_prefixes"]}
}

test_web if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_security_rule", {"direction": "Inbound", "access": "Allow", "protocol": "Tcp", "destination_port_range": "443", "source_address_prefix": "Internet"})])
	findings == set()
}

test_deny if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_security_rule", {"direction": "Inbound", "access": "Deny", "protocol": "*", "destination_port_range": "*", "source_address_prefix": "*"})])
	findings == set()
}

test_own_network if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_security_rule", {"direction": "Inbound", "access": "Allow", "protocol": "Tcp", "destination_port_range": "22", "source_address_prefix": "10.0.0.0/8"}), t.res("azurerm_network_security_rule", {"direction": "Outbound", "access": "Allow", "protocol": "*", "destination_port_range": "*", "source_address_prefix": "*"})])
	findings == set()
}

test_lists_in_text if {
	every source in ["any", "/0", "34.15.11.3/0", "internet"] {
		findings := rule.finding with input as t.doc([t.res("azurerm_network_security_rule", {"direction": "Inbound", "access": "Allow", "protocol": "Tcp", "destination_port_range": "8443, 3389 ,9000-9100", "source_address_prefix": source})])
		t.severities(findings) == {"critical"}
	}
}

test_passed_on_by_a_firewall if {
	nat := t.res("azurerm_firewall_nat_rule_collection", {"action": "Dnat", "rule": [{"source_addresses": ["*"], "destination_ports": ["2222"], "translated_port": "22"}]})
	policy := t.res("azurerm_firewall_policy_rule_collection_group", {"nat_rule_collection": [{"rule": [{"source_addresses": ["0.0.0.0/0"], "destination_ports": ["443"], "translated_port": 3389}]}]})
	every i in [nat, policy] {
		findings := rule.finding with input as t.doc([i])
		t.severities(findings) == {"critical"}
	}
}

test_passed_on_to_peers_or_the_web if {
	findings := rule.finding with input as t.doc([t.res("azurerm_firewall_nat_rule_collection", {"rule": [
		{"source_addresses": ["203.0.113.0/24"], "destination_ports": ["22"], "translated_port": "22"},
		{"source_addresses": ["*"], "destination_ports": ["443"], "translated_port": "443"},
	]})])
	findings == set()
}

test_subnet_without_group if {
	findings := rule.finding with input as t.doc([t.res("azurerm_virtual_network", {"subnet": [{"name": "GatewaySubnet"}, {"name": "shop", "security_group": "${azurerm_network_security_group.a.id}"}, {"name": "data", "security_group": ""}]})])
	t.paths(findings) == {["subnet", 2, "security_group"]}
}

test_no_ports_given if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_security_rule", {"direction": "Inbound", "access": "Allow", "source_address_prefix": "0.0.0.0/0"})])
	t.severities(findings) == {"critical"}
}
