# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.default_namespace_test

import data.sealock.config.workload.default_namespace as rule
import data.sealock.lib.samples_test as samples

inside(namespace) := samples.kube([samples.item(1, "v1", "Pod", "web", {"spec": {"containers": []}}, namespace)])

with_pod(doc) := object.union(doc, {"kubernetes": [object.union(i, {"pod": {"path": [], "labels": {}, "annotations": {}, "spec": {}, "containers": []}}) | some i in doc.kubernetes]})

test_default if {
	samples.marks(rule.finding) == {"metadata/namespace"} with input as with_pod(inside("default"))
}

test_each_workload if {
	pod := samples.item(2, "v1", "Pod", "web", {"spec": {}}, "default")
	count(rule.finding) == 2 with input as with_pod(samples.kube([pod, object.union(pod, {"id": 3, "name": "api"})]))
}

test_another_namespace_is_fine if {
	rule.finding == set() with input as with_pod(inside("shop"))
}

test_none_named_is_fine if {
	rule.finding == set() with input as with_pod(inside(""))
}

test_other_objects_do_not_run if {
	rule.finding == set() with input as samples.kube([samples.item(1, "v1", "ConfigMap", "web", {}, "default")])
}
