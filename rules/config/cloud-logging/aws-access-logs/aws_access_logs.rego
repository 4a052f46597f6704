# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Entries from the internet log who calls"
# description: "After an attack the access log of the load balancer, API or distribution tells what was asked and from where."
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/elb-controls.html
#   description: "AWS Security Hub, ELB.5; APIGateway.1 and APIGateway.9; CloudFront.5"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, AU-12 Audit Record Generation"
# custom:
#   id: cloud-logging.aws-access-logs
#   severity: low
#   remediation: "Add access_logs to the load balancer, access_log_settings to the stage, logging_config to the distribution."
#   zeroTrust: [Z19]
#   kinds: [terraform]
package sealock.config.cloud_logging.aws_access_logs

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_lb", "aws_alb", "aws_elb"})
	not cloud.get(i.values, "load_balancer_type", "application") == "gateway"
	some s in cloud.settings(i.values, ["access_logs"], "enabled")
	silent(i, s.value)
	f := cloud.fault(i, s.path, "the load balancer logs no requests", "no access_logs that are on", "access_logs with a bucket")
}

# A classic load balancer logs as soon as it has the block.
silent(i, v) if {
	i.type == "aws_elb"
	count(cloud.at(i.values, ["access_logs"])) > 0
	v in {false, "false"}
} else if {
	i.type != "aws_elb"
	cloud.off_value(v)
} else if {
	count(cloud.at(i.values, ["access_logs"])) == 0
	cloud.no_blocks(i, "access_logs")
}

finding contains f if {
	some i in cloud.managed({"aws_api_gateway_stage", "aws_apigatewayv2_stage"})
	cloud.no_blocks(i, "access_log_settings")
	f := cloud.fault(i, ["access_log_settings"], "the API logs no requests", "no access_log_settings", "access_log_settings with a log group")
}

finding contains f if {
	some i in cloud.managed({"aws_api_gateway_method_settings"})
	some p in cloud.at(i.values, ["settings"])
	object.get(p.block, "logging_level", null) == "OFF"
	f := cloud.fault(i, config.child(p.path, ["logging_level"]), "the API logs no errors", "logging_level = OFF", "ERROR or INFO")
}

finding contains f if {
	some i in cloud.managed({"aws_cloudfront_distribution"})
	cloud.no_blocks(i, "logging_config")
	count(cloud.managed({"aws_cloudwatch_log_delivery_source", "aws_cloudfront_realtime_log_config"})) == 0
	f := cloud.fault(i, ["logging_config"], "the distribution logs no requests", "no logging_config", "logging_config with a bucket")
}

finding contains f if {
	some i in cloud.managed({"aws_globalaccelerator_accelerator"})
	some s in cloud.settings(i.values, ["attributes"], "flow_logs_enabled")
	cloud.off_value(s.value)
	f := cloud.fault(i, s.path, "the accelerator logs no connections", "flow_logs_enabled is not true", "true")
}

finding contains f if {
	some i in cloud.managed({"aws_ec2_client_vpn_endpoint"})
	some s in cloud.settings(i.values, ["connection_log_options"], "enabled")
	cloud.off_value(s.value)
	f := cloud.fault(i, s.path, "nobody sees who connected to the VPN", "connection_log_options is not on", "enabled = true")
}

# Commands that people run in containers.
finding contains f if {
	some i in cloud.managed({"aws_ecs_cluster"})
	some p in cloud.at(i.values, ["configuration", "execute_command_configuration"])
	object.get(p.block, "logging", "DEFAULT") == "NONE"
	f := cloud.fault(i, config.child(p.path, ["logging"]), "commands that people run in containers are not recorded", "logging = NONE", "OVERRIDE with a log group")
}
