# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.resources_test

import data.sealock.config.workload.resources as rule
import data.sealock.lib.samples_test as samples

params := {"workload.resources": {"cpuLimit": true}}

full := {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": 1, "memory": "128Mi"}}

test_nothing_said if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/resources"} with input as samples.one({}) with data.params as params
}

test_no_memory_limit if {
	some f in rule.finding with input as samples.one({"resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"cpu": "1"}}}) with data.params as params
	f.found == "no limits.memory"
}

test_init_containers_too if {
	doc := samples.pod({"containers": [{"name": "web", "resources": full}], "initContainers": [{"name": "copy", "resources": null}], "ephemeralContainers": [{"name": "debug"}]})
	samples.marks(rule.finding) == {"spec/initContainers/0/resources"} with input as doc with data.params as params
}

test_all_said if {
	rule.finding == set() with input as samples.one({"resources": full}) with data.params as params
}

test_limits_are_requests_too if {
	rule.finding == set() with input as samples.one({"resources": {"limits": {"cpu": "1", "memory": "128Mi"}}}) with data.params as params
}

test_a_limit_range_gives_them if {
	range := samples.namespaced(2, "v1", "LimitRange", "defaults", {"spec": {"limits": [{"type": "Container", "default": {"cpu": "1", "memory": "1Gi"}}]}})
	rule.finding == set() with input as samples.kube([samples.workload(1, "Pod", "web", {"containers": [{"name": "web"}]}), range]) with data.params as params
}

test_the_pod_may_say_it if {
	rule.finding == set() with input as samples.pod({"resources": full, "containers": [{"name": "web"}]}) with data.params as params
}

test_without_a_limit_for_the_processor if {
	doc := samples.one({"resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}})
	rule.finding == set() with input as doc with data.params as {"workload.resources": {"cpuLimit": false}}
	count(rule.finding) == 1 with input as doc with data.params as params
}
