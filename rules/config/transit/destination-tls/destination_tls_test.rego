# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.destination_tls_test

import data.sealock.config.transit.destination_tls as rule
import data.sealock.lib.samples_test as samples

destination(spec) := samples.kube([samples.namespaced(1, "networking.istio.io/v1", "DestinationRule", "db", {"spec": object.union({"host": "db.shop.svc.cluster.local"}, spec)})])

test_disabled if {
	samples.marks(rule.finding) == {"spec/trafficPolicy/tls/mode"} with input as destination({"trafficPolicy": {"tls": {"mode": "DISABLE"}}})
}

test_any_certificate_is_believed if {
	samples.marks(rule.finding) == {"spec/trafficPolicy/tls/insecureSkipVerify"} with input as destination({"trafficPolicy": {"tls": {"mode": "SIMPLE", "insecureSkipVerify": true}}})
}

test_for_one_port_and_one_subset if {
	doc := destination({
		"trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}, "portLevelSettings": [{"port": {"number": 9090}, "tls": {"mode": "DISABLE"}}]},
		"subsets": [{"name": "v1", "trafficPolicy": {"tls": {"mode": "DISABLE"}}}],
	})
	samples.marks(rule.finding) == {"spec/trafficPolicy/portLevelSettings/0/tls/mode", "spec/subsets/0/trafficPolicy/tls/mode"} with input as doc
}

test_mutual_is_fine if {
	rule.finding == set() with input as destination({"trafficPolicy": {"tls": {"mode": "ISTIO_MUTUAL"}}})
	rule.finding == set() with input as destination({"trafficPolicy": {"tls": {"mode": "SIMPLE", "caCertificates": "/etc/ca.pem"}}})
}

test_nothing_said_is_fine if {
	rule.finding == set() with input as destination({"trafficPolicy": {"loadBalancer": {"simple": "ROUND_ROBIN"}}, "subsets": [{"name": "v1"}]})
}
