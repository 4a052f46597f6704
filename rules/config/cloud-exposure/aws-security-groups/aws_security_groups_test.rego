# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_security_groups_test

import data.sealock.config.cloud_exposure.aws_security_groups as rule
import data.sealock.lib.config_cloud_test as t

test_ssh if {
	findings := rule.finding with input as t.doc([t.res("aws_security_group", {"ingress": [{"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}, {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"]}]})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["ingress", 1, "cidr_blocks"]}
}

test_database_over_ipv6 if {
	findings := rule.finding with input as t.doc([t.res("aws_vpc_security_group_ingress_rule", {"ip_protocol": "tcp", "from_port": 5432, "to_port": 5432, "cidr_ipv6": "::/0"})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["cidr_ipv6"]}
}

test_all_ports if {
	findings := rule.finding with input as t.doc([t.res("aws_security_group_rule", {"type": "ingress", "from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]})])
	t.severities(findings) == {"critical"}
	t.paths(findings) == {["cidr_blocks"]}
}

test_wide_range if {
	findings := rule.finding with input as t.doc([t.res("aws_security_group_rule", {"type": "ingress", "from_port": "30000", "to_port": "32767", "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]})])
	t.severities(findings) == {"high"}
	t.paths(findings) == {["cidr_blocks"]}
}

test_one_port if {
	findings := rule.finding with input as t.doc([t.planned("aws_security_group", {"ingress": [{"from_port": 8080, "to_port": 8080, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": null}]})])
	t.severities(findings) == {"medium"}
	t.paths(findings) == {["ingress", 0, "cidr_blocks"]}
}

test_web if {
	redirect := t.res("aws_lb_listener", {"default_action": [{"redirect": [{"protocol": "HTTPS"}]}]})
	findings := rule.finding with input as t.doc([redirect, t.res("aws_security_group", {"ingress": [{"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}, {"from_port": 80, "to_port": 80, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}]})])
	findings == set()
}

test_own_network if {
	findings := rule.finding with input as t.doc([t.res("aws_security_group", {"ingress": [{"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["10.0.0.0/8"]}, {"from_port": 22, "to_port": 22, "protocol": "tcp", "cidr_blocks": ["${var.office}"]}, {"from_port": 0, "to_port": 0, "protocol": "-1", "self": true}]})])
	findings == set()
}

test_outgoing if {
	findings := rule.finding with input as t.doc([t.res("aws_security_group_rule", {"type": "egress", "from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]})])
	findings == set()
}

test_ping if {
	findings := rule.finding with input as t.doc([t.res("aws_security_group_rule", {"type": "ingress", "from_port": -1, "to_port": -1, "protocol": "icmp", "cidr_blocks": ["0.0.0.0/0"]})])
	findings == set()
}

test_peer_group if {
	findings := rule.finding with input as t.doc([t.res("aws_vpc_security_group_ingress_rule", {"ip_protocol": "tcp", "from_port": 5432, "to_port": 5432, "referenced_security_group_id": "${var.payments}"})])
	findings == set()
}

test_plain_http_that_nothing_redirects if {
	findings := rule.finding with input as t.doc([t.res("aws_vpc_security_group_ingress_rule", {"ip_protocol": "tcp", "from_port": 80, "to_port": 80, "cidr_ipv4": "0.0.0.0/0"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["cidr_ipv4"]}
}

test_groups_before_databases if {
	findings := rule.finding with input as t.doc([t.res("aws_db_security_group", {"ingress": [{"cidr": "10.1.2.0/24"}, {"cidr": "0.0.0.0/0"}]}), t.res("aws_redshift_security_group", {"ingress": [{"cidr": "10.0.0.0/8"}]})])
	{[f.severity, f.path] | some f in findings} == {["critical", ["ingress", 1, "cidr"]], ["medium", ["ingress", 0, "cidr"]]}
}

test_nodes_with_a_key if {
	open := t.res("aws_eks_node_group", {"remote_access": [{"ec2_ssh_key": "ops"}]})
	closed := t.res("aws_eks_node_group", {"remote_access": [{"ec2_ssh_key": "ops", "source_security_group_ids": ["${aws_security_group.bastion.id}"]}]})
	findings := rule.finding with input as t.doc([open, closed])
	t.paths(findings) == {["remote_access", 0, "source_security_group_ids"]}
}

test_routes_to_peers if {
	tables := t.res("aws_route_table", {"route": [{"cidr_block": "0.0.0.0/0", "nat_gateway_id": "${aws_nat_gateway.a.id}"}, {"cidr_block": "0.0.0.0/0", "vpc_peering_connection_id": "pcx-1"}]})
	one := t.res("aws_route", {"destination_cidr_block": "10.2.0.0/16", "vpc_peering_connection_id": "pcx-1"})
	findings := rule.finding with input as t.doc([tables, one])
	t.paths(findings) == {["route", 1, "cidr_block"]}
}

test_ports_of_lightsail if {
	findings := rule.finding with input as t.doc([t.res("aws_lightsail_instance_public_ports", {"port_info": [
		{"protocol": "tcp", "from_port": 22, "to_port": 22},
		{"protocol": "tcp", "from_port": 3306, "to_port": 3306, "cidrs": ["0.0.0.0/0"]},
		{"protocol": "tcp", "from_port": 443, "to_port": 443},
		{"protocol": "tcp", "from_port": 22, "to_port": 22, "cidrs": ["203.0.113.7/32"]},
	]})])
	t.paths(findings) == {["port_info", 0, "cidrs"], ["port_info", 1, "cidrs"]}
	t.severities(findings) == {"critical"}
}
