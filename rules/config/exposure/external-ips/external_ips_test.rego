# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.external_ips_test

import data.sealock.config.exposure.external_ips as rule
import data.sealock.lib.samples_test as samples

service(spec) := samples.kube([samples.namespaced(1, "v1", "Service", "web", {"spec": spec})])

test_one if {
	samples.marks(rule.finding) == {"spec/externalIPs/0"} with input as service({"externalIPs": ["203.0.113.10"]})
}

test_two if {
	count(rule.finding) == 2 with input as service({"type": "ClusterIP", "externalIPs": ["203.0.113.10", "203.0.113.11"]})
}

test_none_is_fine if {
	rule.finding == set() with input as service({"externalIPs": []})
}

test_other_fields_are_fine if {
	rule.finding == set() with input as service({"clusterIP": "10.0.0.1", "externalName": "db.example.com"})
}
