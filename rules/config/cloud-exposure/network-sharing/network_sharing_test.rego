# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.network_sharing_test

import data.sealock.config.cloud_exposure.network_sharing as rule
import data.sealock.lib.config_cloud_test as t

test_joined_by_itself if {
	findings := rule.finding with input as t.doc([
		t.res("aws_ec2_transit_gateway", {"auto_accept_shared_attachments": "enable"}),
		t.res("aws_vpc_endpoint_service", {"acceptance_required": false}),
		t.res("aws_ram_resource_share", {"allow_external_principals": true}),
	])
	t.paths(findings) == {["auto_accept_shared_attachments"], ["acceptance_required"], ["allow_external_principals"]}
}

test_services_of_other_clouds if {
	findings := rule.finding with input as t.doc([
		t.res("google_compute_service_attachment", {"connection_preference": "ACCEPT_AUTOMATIC"}),
		t.res("google_compute_service_attachment", {"connection_preference": "ACCEPT_MANUAL"}),
		t.res("azurerm_private_link_service", {"auto_approval_subscription_ids": ["*"], "visibility_subscription_ids": ["1f2d3c4b-0000-4000-8000-000000000001"]}),
	])
	t.paths(findings) == {["connection_preference"], ["auto_approval_subscription_ids"]}
}

test_vpn_for_everybody if {
	findings := rule.finding with input as t.doc([t.res("aws_ec2_client_vpn_authorization_rule", {"target_network_cidr": "0.0.0.0/0", "authorize_all_groups": true})])
	t.paths(findings) == {["target_network_cidr"]}
}

test_ranges_of_the_vpn if {
	findings := rule.finding with input as t.doc([t.res("aws_ec2_client_vpn_authorization_rule", {"target_network_cidr": "0.0.0.0/0", "access_group_id": "S-1-5-21-1004"})])
	findings == set()
}

test_on_purpose if {
	findings := rule.finding with input as t.doc([
		t.res("aws_ec2_transit_gateway", {"description": "core"}),
		t.res("aws_vpc_endpoint_service", {"acceptance_required": true}),
		t.res("aws_ram_resource_share", {"allow_external_principals": false}),
		t.res("aws_ec2_client_vpn_authorization_rule", {"target_network_cidr": "10.20.0.0/16", "authorize_all_groups": true}),
	])
	findings == set()
}
