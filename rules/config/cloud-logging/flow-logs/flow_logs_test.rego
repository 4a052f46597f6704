# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_logging.flow_logs_test

import data.sealock.config.cloud_logging.flow_logs as rule
import data.sealock.lib.config_cloud_test as t

test_aws if {
	findings := rule.finding with input as t.doc([t.res("aws_vpc", {"cidr_block": "10.0.0.0/16"})])
	t.paths(findings) == {[]}
}

test_google if {
	findings := rule.finding with input as t.doc([t.res("google_compute_subnetwork", {"name": "a"})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["log_config"]}
}

test_azure if {
	findings := rule.finding with input as t.doc([t.res("azurerm_network_watcher_flow_log", {"enabled": false})])
	t.paths(findings) == {["enabled"]}
}

test_logged if {
	findings := rule.finding with input as t.doc([t.res("aws_vpc", {"cidr_block": "10.0.0.0/16"}), t.res_refs("aws_flow_log", {"vpc_id": "${aws_vpc.this.id}"}, ["aws_vpc.this"]), t.res("google_compute_subnetwork", {"log_config": [{}]}), t.res("google_compute_subnetwork", {"purpose": "REGIONAL_MANAGED_PROXY"})])
	findings == set()
}
