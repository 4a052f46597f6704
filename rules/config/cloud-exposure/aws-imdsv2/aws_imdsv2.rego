# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The metadata service of machines asks for a session token
# description: "With version 1 of the metadata service one request forged through an application hands out the machine's credentials."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/amazon_web_services
#   description: CIS Amazon Web Services Foundations Benchmark 3.0, 5.6 (EC2 metadata service only allows IMDSv2)
# - ref: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html
#   description: Use the Instance Metadata Service, IMDSv2
# custom:
#   id: cloud-exposure.aws-imdsv2
#   severity: high
#   remediation: "Set metadata_options with http_tokens = \"required\" and http_put_response_hop_limit = 1."
#   zeroTrust: [Z13, Z28]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_imdsv2

import data.sealock.lib.config_cloud as cloud

finding contains f if {
	some i in cloud.managed({"aws_instance", "aws_launch_template", "aws_launch_configuration", "aws_spot_instance_request"})
	some s in cloud.settings(i.values, ["metadata_options"], "http_tokens")
	s.value in {null, "", "optional"}
	not switched_off(i)
	not elsewhere(i)
	count(required_by_default) == 0
	f := cloud.fault(i, s.path, "the metadata service answers without a session token", sprintf("http_tokens is %s", [cloud.shown(s.value)]), "http_tokens = \"required\"")
}

switched_off(i) if {
	some p in cloud.at(i.values, ["metadata_options"])
	object.get(p.block, "http_endpoint", "") == "disabled"
}

# The template says it.
elsewhere(i) if {
	i.type == "aws_instance"
	count(cloud.at(i.values, ["launch_template"])) > 0
	count(cloud.at(i.values, ["metadata_options"])) == 0
}

required_by_default contains i.id if {
	some i in cloud.managed({"aws_ec2_instance_metadata_defaults"})
	i.values.http_tokens == "required"
}

# Answers that pass more than one hop reach containers behind the machine's own network, and whoever gets into one.
finding contains f if {
	some i in cloud.managed({"aws_instance", "aws_launch_template", "aws_launch_configuration", "aws_spot_instance_request"})
	some p in cloud.at(i.values, ["metadata_options"])
	hops := cloud.number(object.get(p.block, "http_put_response_hop_limit", null))
	hops > 1
	not switched_off(i)
	f := cloud.rated(cloud.fault(i, array.concat(p.path, ["http_put_response_hop_limit"]), "containers on the machine get its credentials", sprintf("http_put_response_hop_limit = %d", [hops]), "1"), "low")
}
