# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.node_port_test

import data.sealock.config.exposure.node_port as rule
import data.sealock.lib.samples_test as samples

service(spec) := samples.kube([samples.namespaced(1, "v1", "Service", "web", {"spec": spec})])

test_a_node_port if {
	samples.marks(rule.finding) == {"medium spec/type"} with input as service({"type": "NodePort", "ports": [{"port": 80, "nodePort": 30080}]})
}

test_a_database_is_worse if {
	samples.marks(rule.finding) == {"high spec/type"} with input as service({"type": "NodePort", "ports": [{"port": 5432}]})
}

test_cluster_ip_is_fine if {
	rule.finding == set() with input as service({"type": "ClusterIP", "ports": [{"port": 80}]})
}

test_nothing_said_is_cluster_ip if {
	rule.finding == set() with input as service({"ports": [{"port": 80}]})
	rule.finding == set() with input as service(null)
}
