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
	findings := rule.finding with input as t.doc([t.res("aws_security_group", {"ingress": [{"from_port": 443, "to_port": 443, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}, {"from_port": 80, "to_port": 80, "protocol": "tcp", "cidr_blocks": ["0.0.0.0/0"]}]})])
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
