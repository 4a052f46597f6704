# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.load_balancer_test

import data.sealock.config.exposure.load_balancer as rule
import data.sealock.lib.samples_test as samples

service(spec, annotations) := samples.kube([samples.namespaced(1, "v1", "Service", "web", {"metadata": {"annotations": annotations}, "spec": object.union({"type": "LoadBalancer", "ports": [{"port": 443}]}, spec)})])

test_no_sources if {
	samples.marks(rule.finding) == {"medium spec/type"} with input as service({}, {})
}

test_all_sources if {
	samples.marks(rule.finding) == {"medium spec/loadBalancerSourceRanges/1"} with input as service({"loadBalancerSourceRanges": ["10.0.0.0/8", "0.0.0.0/0"]}, {})
}

test_a_database_is_worse if {
	samples.marks(rule.finding) == {"high spec/type"} with input as service({"ports": [{"port": 6379}]}, {})
}

test_an_external_one_by_annotation if {
	count(rule.finding) == 1 with input as service({}, {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internet-facing"})
}

test_listed_sources_are_fine if {
	rule.finding == set() with input as service({"loadBalancerSourceRanges": ["203.0.113.0/24"]}, {})
	rule.finding == set() with input as service({}, {"service.beta.kubernetes.io/load-balancer-source-ranges": "203.0.113.0/24"})
}

test_internal_ones_are_fine if {
	rule.finding == set() with input as service({}, {"service.beta.kubernetes.io/aws-load-balancer-scheme": "internal"})
	rule.finding == set() with input as service({}, {"networking.gke.io/load-balancer-type": "Internal"})
	rule.finding == set() with input as service({}, {"service.beta.kubernetes.io/azure-load-balancer-internal": "true"})
}

test_other_types_are_fine if {
	rule.finding == set() with input as service({"type": "ClusterIP"}, {})
}
