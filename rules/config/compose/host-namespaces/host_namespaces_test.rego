# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.host_namespaces_test

import data.sealock.config.compose.host_namespaces as rule
import data.sealock.lib.samples_test as samples

test_the_hosts_network if {
	samples.marks(rule.finding) == {"high services/web/network_mode"} with input as samples.compose({"web": {"network_mode": "host"}})
}

test_processes_and_ipc if {
	count(rule.finding) == 3 with input as samples.compose({"web": {"pid": "host", "ipc": "host", "uts": "host"}})
}

test_another_services_is_fine if {
	rule.finding == set() with input as samples.compose({"web": {"network_mode": "service:vpn", "ipc": "shareable"}})
}

test_nothing_said_is_fine if {
	rule.finding == set() with input as samples.compose({"web": {"network_mode": "bridge"}, "db": {"image": "db"}})
}
