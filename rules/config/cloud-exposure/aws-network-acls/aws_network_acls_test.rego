# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_network_acls_test

import data.sealock.config.cloud_exposure.aws_network_acls as rule
import data.sealock.lib.config_cloud_test as t

test_everything if {
	findings := rule.finding with input as t.doc([t.res("aws_network_acl_rule", {"rule_action": "allow", "egress": false, "protocol": "-1", "cidr_block": "0.0.0.0/0"})])
	t.paths(findings) == {["cidr_block"]}
}

test_ssh if {
	findings := rule.finding with input as t.doc([t.res("aws_network_acl", {"ingress": [{"action": "allow", "protocol": "tcp", "from_port": 22, "to_port": 22, "cidr_block": "0.0.0.0/0"}]})])
	t.paths(findings) == {["ingress", 0, "cidr_block"]}
}

test_deny if {
	findings := rule.finding with input as t.doc([t.res("aws_network_acl_rule", {"rule_action": "deny", "protocol": "-1", "cidr_block": "0.0.0.0/0"})])
	findings == set()
}

test_answers if {
	findings := rule.finding with input as t.doc([t.res("aws_network_acl_rule", {"rule_action": "allow", "protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_block": "0.0.0.0/0"}), t.res("aws_network_acl_rule", {"rule_action": "allow", "egress": true, "protocol": "-1", "cidr_block": "0.0.0.0/0"})])
	findings == set()
}
