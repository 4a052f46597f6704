# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_default_security_group_test

import data.sealock.config.cloud_exposure.aws_default_security_group as rule
import data.sealock.lib.config_cloud_test as t

test_rules if {
	findings := rule.finding with input as t.doc([t.res("aws_default_security_group", {"ingress": [{"from_port": 0, "to_port": 0, "protocol": "-1", "self": true}], "egress": [{"protocol": "-1"}]})])
	t.paths(findings) == {["egress"]}
}

test_incoming if {
	findings := rule.finding with input as t.doc([t.res("aws_default_security_group", {"ingress": [{"protocol": "-1"}]})])
	t.paths(findings) == {["ingress"]}
}

test_default_network if {
	findings := rule.finding with input as t.doc([t.res("aws_default_vpc", {})])
	t.paths(findings) == {[]}
}

test_closed if {
	findings := rule.finding with input as t.doc([t.res("aws_default_security_group", {"vpc_id": "${aws_vpc.shop.id}"})])
	findings == set()
}

test_closed_in_a_plan if {
	findings := rule.finding with input as t.doc([t.planned("aws_default_security_group", {"ingress": [], "egress": []})])
	findings == set()
}
