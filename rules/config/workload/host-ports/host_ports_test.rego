# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.host_ports_test

import data.sealock.config.workload.host_ports as rule
import data.sealock.lib.samples_test as samples

test_a_host_port if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/ports/1/hostPort"} with input as samples.one({"ports": [{"containerPort": 8080}, {"containerPort": 9090, "hostPort": 9090}]})
}

test_in_an_init_container if {
	doc := samples.pod({"containers": [{"name": "web"}], "initContainers": [{"name": "proxy", "restartPolicy": "Always", "ports": [{"containerPort": 1, "hostPort": 80}]}]})
	samples.marks(rule.finding) == {"spec/initContainers/0/ports/0/hostPort"} with input as doc
}

test_container_ports_are_fine if {
	rule.finding == set() with input as samples.one({"ports": [{"containerPort": 8080, "name": "http"}]})
}

test_zero_is_none if {
	rule.finding == set() with input as samples.one({"ports": [{"containerPort": 8080, "hostPort": 0}]})
	rule.finding == set() with input as samples.one({"ports": null})
}
