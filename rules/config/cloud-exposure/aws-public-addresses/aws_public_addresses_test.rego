# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.aws_public_addresses_test

import data.sealock.config.cloud_exposure.aws_public_addresses as rule
import data.sealock.lib.config_cloud_test as t

test_instance if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {"associate_public_ip_address": true})])
	t.paths(findings) == {["associate_public_ip_address"]}
}

test_template if {
	findings := rule.finding with input as t.doc([t.res("aws_launch_template", {"network_interfaces": [{"associate_public_ip_address": "true"}]})])
	t.paths(findings) == {["network_interfaces", 0, "associate_public_ip_address"]}
}

test_tasks if {
	findings := rule.finding with input as t.doc([t.res("aws_ecs_service", {"network_configuration": [{"assign_public_ip": true}]})])
	t.paths(findings) == {["network_configuration", 0, "assign_public_ip"]}
}

test_subnet if {
	findings := rule.finding with input as t.doc([t.res("aws_subnet", {"map_public_ip_on_launch": true})])
	t.paths(findings) == {["map_public_ip_on_launch"]}
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("aws_instance", {}), t.res("aws_subnet", {"map_public_ip_on_launch": false}), t.res("aws_ecs_service", {"network_configuration": [{"subnets": []}]})])
	findings == set()
}

test_transfer if {
	findings := rule.finding with input as t.doc([t.res("aws_transfer_server", {"protocols": ["SFTP"]}), t.res("aws_transfer_server", {"endpoint_type": "VPC"})])
	t.paths(findings) == {["endpoint_type"]}
	t.severities(findings) == {"low"}
}
