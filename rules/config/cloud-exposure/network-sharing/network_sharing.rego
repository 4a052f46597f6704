# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Networks are joined to others on purpose"
# description: "A gateway or endpoint service that accepts by itself whoever asks, or a VPN that takes everybody everywhere, joins networks that were kept apart."
# related_resources:
# - ref: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
#   description: "AWS Security Hub, EC2.23 (transit gateways do not accept attachments by themselves)"
# - ref: https://csrc.nist.gov/pubs/sp/800/207/final
#   description: "NIST SP 800-207, 3.1.2 Zero trust by micro-segmentation"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 Rev. 5, AC-4 Information Flow Enforcement"
# custom:
#   id: cloud-exposure.network-sharing
#   severity: medium
#   remediation: "Accept attachments and connections one by one, share inside the organisation, and give groups of the VPN the ranges that they need."
#   zeroTrust: [Z14, Z26]
#   kinds: [terraform]
package sealock.config.cloud_exposure.network_sharing

import data.sealock.lib.config_cloud as cloud

# What joins by itself: types, attribute, wrong values, what happens, what should be, severity.
joins := [
	["aws_ec2_transit_gateway", "auto_accept_shared_attachments", {"enable"}, "networks of other accounts are joined without anybody's consent", "disable", "medium"],
	["aws_vpc_endpoint_service", "acceptance_required", {false, "false"}, "networks of other accounts are joined without anybody's consent", "true", "medium"],
	["google_compute_service_attachment", "connection_preference", {"ACCEPT_AUTOMATIC"}, "networks of other projects are joined without anybody's consent", "ACCEPT_MANUAL with consumer_accept_lists", "medium"],
	["aws_ram_resource_share", "allow_external_principals", {true, "true"}, "it may be shared with accounts outside of the organisation", "false", "low"],
]

finding contains f if {
	some j in joins
	some i in cloud.managed({j[0]})
	v := object.get(i.values, j[1], null)
	v in j[2]
	f := cloud.rated(cloud.fault(i, [j[1]], j[3], sprintf("%s = %v", [j[1], v]), j[4]), j[5])
}

finding contains f if {
	some i in cloud.managed({"azurerm_private_link_service"})
	some key in ["auto_approval_subscription_ids", "visibility_subscription_ids"]
	"*" in cloud.list(object.get(i.values, key, null))
	f := cloud.rated(cloud.fault(i, [key], seen[key], sprintf("%s has *", [key]), "named subscriptions"), rating[key])
}

seen := {"auto_approval_subscription_ids": "networks of other accounts are joined without anybody's consent", "visibility_subscription_ids": "every customer of Azure sees the service and may ask for it"}

rating := {"auto_approval_subscription_ids": "medium", "visibility_subscription_ids": "low"}

finding contains f if {
	some i in cloud.managed({"aws_ec2_client_vpn_authorization_rule"})
	cloud.put_on(i.values, "authorize_all_groups")
	some range in cloud.world(object.get(i.values, "target_network_cidr", null))
	f := cloud.fault(i, ["target_network_cidr"], "everybody who may sign in to the VPN reaches every network", sprintf("authorize_all_groups with %s", [range]), "access_group_id, and the ranges that it needs")
}
