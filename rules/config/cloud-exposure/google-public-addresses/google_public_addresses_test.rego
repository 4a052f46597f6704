# SPDX-License-Identifier: Apache-2.0

package sealock.config.cloud_exposure.google_public_addresses_test

import data.sealock.config.cloud_exposure.google_public_addresses as rule
import data.sealock.lib.config_cloud_test as t

test_instance if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"network_interface": [{"network": "a", "access_config": [{}]}]})])
	t.paths(findings) == {["network_interface", 0, "access_config", 0]}
}

test_template if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance_template", {"network_interface": [{}, {"access_config": [{"nat_ip": "${google_compute_address.a.address}"}]}]})])
	t.paths(findings) == {["network_interface", 1, "access_config", 0]}
}

test_notebook if {
	findings := rule.finding with input as t.doc([t.res("google_notebooks_instance", {"no_public_ip": false})])
	t.paths(findings) == {["no_public_ip"]}
}

test_private if {
	findings := rule.finding with input as t.doc([t.res("google_compute_instance", {"network_interface": [{"subnetwork": "${google_compute_subnetwork.a.id}"}]}), t.planned("google_compute_instance", {"network_interface": [{"access_config": []}]})])
	findings == set()
}
