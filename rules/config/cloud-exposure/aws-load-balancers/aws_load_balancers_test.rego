# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_load_balancers_test

import data.sealock.config.cloud_exposure.aws_load_balancers as rule
import data.sealock.lib.config_cloud_test as t

test_invalid_fields if {
	findings := rule.finding with input as t.doc([t.res("aws_lb", {"name": "shop"})])
	t.paths(findings) == {["drop_invalid_header_fields"]}
}

test_put_off if {
	findings := rule.finding with input as t.doc([t.res("aws_alb", {"drop_invalid_header_fields": false})])
	t.paths(findings) == {["drop_invalid_header_fields"]}
}

test_monitor if {
	findings := rule.finding with input as t.doc([t.res("aws_elb", {"desync_mitigation_mode": "monitor"})])
	t.paths(findings) == {["desync_mitigation_mode"]}
}

test_strict_and_other_kinds if {
	findings := rule.finding with input as t.doc([t.res("aws_lb", {"drop_invalid_header_fields": true}), t.res("aws_lb", {"load_balancer_type": "network"}), t.res("aws_lb", {"drop_invalid_header_fields": "${var.strict}"})])
	findings == set()
}
