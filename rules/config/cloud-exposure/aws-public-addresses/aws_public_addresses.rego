# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Machines and tasks have no public addresses
# description: What has a public address needs only one wrong rule in a security group to be reached by everybody.
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53 Rev. 5, SC-7 Boundary Protection
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
#   description: AWS Security Hub, EC2.9, EC2.15 and EC2.25
# custom:
#   id: cloud-exposure.aws-public-addresses
#   severity: medium
#   remediation: Use private subnets, with a load balancer before them and a NAT gateway or endpoints behind.
#   zeroTrust: [Z14]
#   kinds: [terraform]
package sealock.config.cloud_exposure.aws_public_addresses

import data.sealock.lib.config
import data.sealock.lib.config_cloud as cloud

# Where the switch is: type, blocks, attribute.
places := [
	[{"aws_instance", "aws_launch_configuration", "aws_spot_instance_request"}, [], "associate_public_ip_address"],
	[{"aws_launch_template"}, ["network_interfaces"], "associate_public_ip_address"],
	[{"aws_ecs_service"}, ["network_configuration"], "assign_public_ip"],
	[{"aws_subnet", "aws_default_subnet"}, [], "map_public_ip_on_launch"],
	[{"aws_ecs_task_set"}, ["network_configuration"], "assign_public_ip"],
]

finding contains f if {
	some place in places
	some i in cloud.managed(place[0])
	some p in cloud.at(i.values, place[1])
	cloud.put_on(p.block, place[2])
	f := cloud.fault(i, config.child(p.path, [place[2]]), "it gets a public address", sprintf("%s = true", [place[2]]), "false")
}

finding contains f if {
	some i in cloud.managed({"aws_sagemaker_notebook_instance"})
	object.get(i.values, "direct_internet_access", "Enabled") == "Enabled"
	f := cloud.fault(i, ["direct_internet_access"], "the notebook is connected to the internet", "direct_internet_access = Enabled", "Disabled, in a subnet of one's own")
}

finding contains f if {
	some i in cloud.managed({"aws_transfer_server"})
	kind := cloud.get(i.values, "endpoint_type", "PUBLIC")
	kind == "PUBLIC"
	f := cloud.rated(cloud.fault(i, ["endpoint_type"], "the server takes files from everybody who can sign in", sprintf("endpoint_type is %s", [cloud.shown(object.get(i.values, "endpoint_type", null))]), "VPC, with security groups"), "low")
}
