# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.endpoint_addresses_test

import data.sealock.config.exposure.endpoint_addresses as rule
import data.sealock.lib.samples_test as samples

slice(addresses) := samples.kube([samples.namespaced(1, "discovery.k8s.io/v1", "EndpointSlice", "ledger-1", {"addressType": "IPv4", "endpoints": [{"addresses": addresses}]})])

endpoints(subset) := samples.kube([samples.namespaced(1, "v1", "Endpoints", "ledger", {"subsets": [subset]})])

test_the_node_in_a_slice if {
	samples.marks(rule.finding) == {"endpoints/0/addresses/1"} with input as slice(["192.0.2.4", "127.0.0.1"])
	samples.marks(rule.finding) == {"endpoints/0/addresses/0"} with input as slice(["::1"])
}

test_metadata_in_endpoints if {
	samples.marks(rule.finding) == {"subsets/0/addresses/0/ip"} with input as endpoints({"addresses": [{"ip": "169.254.169.254"}], "ports": [{"port": 80}]})
	samples.marks(rule.finding) == {"subsets/0/notReadyAddresses/0/ip"} with input as endpoints({"notReadyAddresses": [{"ip": "127.0.0.1"}]})
}

test_a_host_is_fine if {
	rule.finding == set() with input as slice(["192.0.2.4", "10.1.2.3"])
	rule.finding == set() with input as endpoints({"addresses": [{"ip": "192.0.2.4"}]})
}

test_what_is_no_address if {
	rule.finding == set() with input as slice([5, null])
	rule.finding == set() with input as endpoints({"addresses": "127.0.0.1"})
}
