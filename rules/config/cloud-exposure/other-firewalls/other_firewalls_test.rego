# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.other_firewalls_test

import data.sealock.config.cloud_exposure.other_firewalls as rule
import data.sealock.lib.config_cloud_test as t

test_blocks if {
	droplets := t.res("digitalocean_firewall", {"inbound_rule": [{"protocol": "tcp", "port_range": "443", "source_addresses": ["0.0.0.0/0"]}, {"protocol": "tcp", "port_range": "22", "source_addresses": ["0.0.0.0/0", "::/0"]}]})
	servers := t.res("hcloud_firewall", {"rule": [{"direction": "in", "protocol": "tcp", "port": "5432", "source_ips": ["0.0.0.0/0"]}]})
	findings := rule.finding with input as t.doc([droplets, servers])
	t.paths(findings) == {["inbound_rule", 1, "source_addresses"], ["rule", 0, "source_ips"]}
	t.severities(findings) == {"critical"}
}

test_from_and_to if {
	group := t.res("openstack_networking_secgroup_rule_v2", {"direction": "ingress", "protocol": "tcp", "port_range_min": 3306, "port_range_max": 3306, "remote_ip_prefix": "0.0.0.0/0"})
	all := t.res("nifcloud_security_group_rule", {"type": "IN", "protocol": "ANY", "cidr_ip": "0.0.0.0/0"})
	findings := rule.finding with input as t.doc([group, all])
	t.paths(findings) == {["remote_ip_prefix"], ["cidr_ip"]}
}

test_ranges if {
	findings := rule.finding with input as t.doc([t.res("alicloud_security_group_rule", {"type": "ingress", "ip_protocol": "tcp", "port_range": "22/22", "cidr_ip": "0.0.0.0/0"})])
	t.severities(findings) == {"critical"}
}

test_oracle if {
	list := t.res("oci_core_security_list", {"ingress_security_rules": [{"protocol": "6", "source": "0.0.0.0/0", "tcp_options": [{"min": 22, "max": 22}]}]})
	everything := t.res("oci_core_network_security_group_security_rule", {"direction": "INGRESS", "protocol": "all", "source": "0.0.0.0/0"})
	findings := rule.finding with input as t.doc([list, everything])
	t.paths(findings) == {["ingress_security_rules", 0, "source"], ["source"]}
}

test_web_peers_and_the_way_out if {
	findings := rule.finding with input as t.doc([
		t.res("digitalocean_firewall", {"inbound_rule": [{"protocol": "tcp", "port_range": "443", "source_addresses": ["0.0.0.0/0"]}, {"protocol": "icmp", "source_addresses": ["0.0.0.0/0"]}]}),
		t.res("hcloud_firewall", {"rule": [{"direction": "out", "protocol": "tcp", "port": "any", "source_ips": ["0.0.0.0/0"]}]}),
		t.res("openstack_networking_secgroup_rule_v2", {"direction": "ingress", "port_range_min": 22, "port_range_max": 22, "remote_ip_prefix": "10.0.0.0/8"}),
		t.res("oci_core_security_list", {"ingress_security_rules": [{"protocol": "6", "source": "0.0.0.0/0", "tcp_options": [{"min": 443, "max": 443}]}]}),
		t.res("alicloud_security_group_rule", {"type": "ingress", "policy": "drop", "port_range": "22/22", "cidr_ip": "0.0.0.0/0"}),
	])
	findings == set()
}

test_sources_alone if {
	group := t.res("nifcloud_db_security_group", {"rule": [{"cidr_ip": "0.0.0.0/0"}]})
	database := t.res("alicloud_db_instance", {"security_ips": ["10.0.0.0/24", "0.0.0.0/0"]})
	openstack := t.res("openstack_fw_rule_v1", {"action": "allow", "protocol": "tcp", "destination_port": "22", "enabled": "true"})
	findings := rule.finding with input as t.doc([group, database, openstack])
	t.paths(findings) == {["rule", 0, "cidr_ip"], ["security_ips"], ["source_ip_address"]}
}

test_all_ports_by_a_range if {
	findings := rule.finding with input as t.doc([t.res("alicloud_security_group_rule", {"type": "ingress", "port_range": "1/65535", "cidr_ip": "0.0.0.0/0"})])
	t.severities(findings) == {"critical"}
}
