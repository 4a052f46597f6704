# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_egress_test

import data.sealock.config.cloud_exposure.aws_egress as rule
import data.sealock.lib.config_cloud_test as t

test_everything if {
	findings := rule.finding with input as t.doc([t.res("aws_security_group", {"egress": [{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"], "ipv6_cidr_blocks": ["::/0"]}]})])
	count(findings) == 1
	t.paths(findings) == {["egress", 0, "cidr_blocks"]}
}

test_all_ports_of_tcp if {
	findings := rule.finding with input as t.doc([t.res("aws_security_group_rule", {"type": "egress", "from_port": 0, "to_port": 65535, "protocol": "tcp", "ipv6_cidr_blocks": ["::/0"]})])
	t.paths(findings) == {["ipv6_cidr_blocks"]}
}

test_rule_of_its_own if {
	findings := rule.finding with input as t.doc([t.res("aws_vpc_security_group_egress_rule", {"ip_protocol": "-1", "cidr_ipv4": "0.0.0.0/0"})])
	t.paths(findings) == {["cidr_ipv4"]}
}

test_one_port_and_peers if {
	findings := rule.finding with input as t.doc([
		t.res("aws_vpc_security_group_egress_rule", {"ip_protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_ipv4": "0.0.0.0/0"}),
		t.res("aws_security_group", {"egress": [{"from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["10.1.0.0/16"]}]}),
		t.res("aws_security_group_rule", {"type": "ingress", "from_port": 0, "to_port": 0, "protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}),
	])
	findings == set()
}
