# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_encryption.aws_listeners_test

import data.sealock.config.cloud_encryption.aws_listeners as rule
import data.sealock.lib.config_cloud_test as t

test_plain if {
	findings := rule.finding with input as t.doc([t.res("aws_lb_listener", {"port": 80, "protocol": "HTTP", "default_action": [{"type": "forward"}]})])
	t.paths(findings) == {["protocol"]}
}

test_redirect_to_http if {
	findings := rule.finding with input as t.doc([t.res("aws_lb_listener", {"protocol": "HTTP", "default_action": [{"type": "redirect", "redirect": [{"port": "8080", "protocol": "HTTP", "status_code": "HTTP_301"}]}]})])
	t.paths(findings) == {["protocol"]}
}

test_old_tls if {
	findings := rule.finding with input as t.doc([t.res("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS-1-1-2017-01"})])
	t.paths(findings) == {["ssl_policy"]}
}

test_default_tls if {
	findings := rule.finding with input as t.doc([t.res("aws_alb_listener", {"protocol": "HTTPS"})])
	t.paths(findings) == {["ssl_policy"]}
}

test_classic if {
	findings := rule.finding with input as t.doc([t.res("aws_elb", {"listener": [{"lb_protocol": "http", "lb_port": 80}]})])
	t.paths(findings) == {["listener", 0, "lb_protocol"]}
}

test_redirect if {
	findings := rule.finding with input as t.doc([t.res("aws_lb_listener", {"port": 80, "protocol": "HTTP", "default_action": [{"type": "redirect", "redirect": [{"port": "443", "protocol": "HTTPS", "status_code": "HTTP_301"}]}]})])
	findings == set()
}

test_modern if {
	findings := rule.finding with input as t.doc([t.res("aws_lb_listener", {"protocol": "HTTPS", "ssl_policy": "ELBSecurityPolicy-TLS13-1-2-2021-06"}), t.res("aws_lb_listener", {"protocol": "TCP", "port": 5432}), t.res("aws_elb", {"listener": [{"lb_protocol": "https"}]})])
	findings == set()
}

test_policies_of_classic_load_balancers if {
	findings := rule.finding with input as t.doc([t.res("aws_load_balancer_policy", {"policy_attribute": [{"name": "Protocol-TLSv1.2", "value": "true"}, {"name": "Protocol-TLSv1", "value": "true"}, {"name": "DES-CBC3-SHA", "value": "true"}, {"name": "RC4-MD5", "value": "false"}]})])
	t.paths(findings) == {["policy_attribute", 1, "name"], ["policy_attribute", 2, "name"]}
}

test_reference_policies if {
	findings := rule.finding with input as t.doc([t.res("aws_load_balancer_policy", {"policy_attribute": [{"name": "Reference-Security-Policy", "value": "ELBSecurityPolicy-2016-08"}, {"name": "Reference-Security-Policy", "value": "ELBSecurityPolicy-TLS-1-2-2017-01"}]})])
	t.paths(findings) == {["policy_attribute", 0, "value"]}
}
