# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.firewall_egress_test

import data.sealock.config.cloud_exposure.firewall_egress as rule
import data.sealock.lib.config_cloud_test as t

test_azure if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_network_security_rule", {"direction": "Outbound", "access": "Allow", "destination_port_range": "*", "destination_address_prefix": "Internet"}),
		t.res("azurerm_network_security_group", {"security_rule": [{"direction": "Outbound", "access": "Allow", "destination_port_range": "0-65535", "destination_address_prefix": "0.0.0.0/0"}]}),
		t.res("azurerm_firewall_network_rule_collection", {"action": "Allow", "rule": [{"destination_addresses": ["*"], "destination_ports": ["*"], "protocols": ["Any"]}]}),
	])
	t.paths(findings) == {["destination_address_prefix"], ["security_rule", 0, "destination_address_prefix"], ["rule", 0, "destination_addresses"]}
}

test_google if {
	findings := rule.finding with input as t.doc([
		t.res("google_compute_firewall", {"direction": "EGRESS", "destination_ranges": ["0.0.0.0/0"], "allow": [{"protocol": "all"}]}),
		t.res("google_compute_firewall", {"direction": "EGRESS", "allow": [{"protocol": "tcp"}]}),
	])
	t.paths(findings) == {["destination_ranges"]}
}

test_azure_s_policy if {
	findings := rule.finding with input as t.doc([t.res("azurerm_firewall_policy_rule_collection_group", {"network_rule_collection": [{"action": "Allow", "rule": [{"destination_addresses": ["*"], "destination_ports": ["443"]}, {"destination_addresses": ["*"], "destination_ports": ["1-65535"]}]}]})])
	t.paths(findings) == {["network_rule_collection", 0, "rule", 1, "destination_addresses"]}
}

test_what_is_needed if {
	findings := rule.finding with input as t.doc([
		t.res("azurerm_network_security_rule", {"direction": "Outbound", "access": "Allow", "destination_port_range": "443", "destination_address_prefix": "Internet"}),
		t.res("azurerm_network_security_rule", {"direction": "Outbound", "access": "Deny", "destination_port_range": "*", "destination_address_prefix": "*"}),
		t.res("azurerm_network_security_rule", {"direction": "Outbound", "access": "Allow", "destination_port_range": "*", "destination_address_prefix": "VirtualNetwork"}),
		t.res("google_compute_firewall", {"direction": "EGRESS", "destination_ranges": ["10.0.0.0/8"], "allow": [{"protocol": "all"}]}),
		t.res("google_compute_firewall", {"direction": "EGRESS", "destination_ranges": ["0.0.0.0/0"], "allow": [{"protocol": "tcp", "ports": ["443"]}]}),
		t.res("google_compute_firewall", {"direction": "EGRESS", "deny": [{"protocol": "all"}]}),
	])
	findings == set()
}
