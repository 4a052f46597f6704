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
