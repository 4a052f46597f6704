# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_default_network_test

import data.sealock.config.cloud_exposure.google_default_network as rule
import data.sealock.lib.config_cloud_test as t

test_project if {
	findings := rule.finding with input as t.doc([t.res("google_project", {"project_id": "shop"})])
	t.paths(findings) == {["auto_create_network"]}
}

test_instance if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"network_interface": [{"network": "default"}]})])
	t.severities(findings) == {"low"}
	t.paths(findings) == {["network_interface", 0, "network"]}
}

test_none if {
	findings := rule.finding with input as t.doc([t.res("google_project", {"auto_create_network": false})])
	findings == set()
}

test_own if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"network_interface": [{"network": "${google_compute_network.shop.id}"}]})])
	findings == set()
}

test_subnets_everywhere if {
	findings := rule.finding with input as t.doc([t.res("google_compute_network", {"auto_create_subnetworks": true}), t.res("google_compute_network", {"auto_create_subnetworks": false})])
	t.paths(findings) == {["auto_create_subnetworks"]}
}
