# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.aws_access_logs_test

import data.sealock.config.cloud_logging.aws_access_logs as rule
import data.sealock.lib.config_cloud_test as t

test_load_balancers if {
	findings := rule.finding with input as t.doc([t.res("aws_lb", {"access_logs": [{"bucket": "logs"}]}), t.res("aws_elb", {"access_logs": [{"bucket": "logs", "enabled": false}]})])
	t.paths(findings) == {["access_logs", 0, "enabled"]}
	count(findings) == 1
}

test_classic_without if {
	findings := rule.finding with input as t.doc([t.res("aws_elb", {"name": "shop"})])
	t.paths(findings) == {["access_logs", "enabled"]}
}

test_stage if {
	findings := rule.finding with input as t.doc([t.res("aws_apigatewayv2_stage", {"name": "live"}), t.res("aws_api_gateway_stage", {"access_log_settings": [{"destination_arn": "a"}]})])
	count(findings) == 1
	t.paths(findings) == {["access_log_settings"]}
}

test_distribution_and_accelerator if {
	findings := rule.finding with input as t.doc([t.res("aws_cloudfront_distribution", {"enabled": true}), t.res("aws_globalaccelerator_accelerator", {"attributes": [{"flow_logs_enabled": false}]})])
	t.paths(findings) == {["logging_config"], ["attributes", 0, "flow_logs_enabled"]}
}

test_errors_of_methods if {
	findings := rule.finding with input as t.doc([t.res("aws_api_gateway_method_settings", {"settings": [{"logging_level": "OFF"}, {"logging_level": "ERROR"}]})])
	t.paths(findings) == {["settings", 0, "logging_level"]}
}

test_logged if {
	findings := rule.finding with input as t.doc([
		t.res("aws_lb", {"access_logs": [{"bucket": "logs", "enabled": true}]}),
		t.res("aws_elb", {"access_logs": [{"bucket": "logs"}]}),
		t.res("aws_lb", {"load_balancer_type": "gateway"}),
		t.res("aws_cloudfront_distribution", {"logging_config": [{"bucket": "logs"}]}),
	])
	findings == set()
}

test_vpn_and_commands if {
	findings := rule.finding with input as t.doc([
		t.res("aws_ec2_client_vpn_endpoint", {"connection_log_options": [{"enabled": false}]}),
		t.res("aws_ecs_cluster", {"configuration": [{"execute_command_configuration": [{"logging": "NONE"}]}]}),
		t.res("aws_ecs_cluster", {"name": "shop"}),
	])
	t.paths(findings) == {["connection_log_options", 0, "enabled"], ["configuration", 0, "execute_command_configuration", 0, "logging"]}
}
