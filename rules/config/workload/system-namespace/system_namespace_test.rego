# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.system_namespace_test

import data.sealock.config.workload.system_namespace as rule
import data.sealock.lib.samples_test as samples

inside(namespace, labels, spec) := samples.kube([object.union(
	samples.item(1, "v1", "Pod", "web", {"metadata": {"labels": labels}, "spec": spec}, namespace),
	{"pod": {"path": [], "labels": labels, "annotations": {}, "spec": spec, "containers": []}},
)])

test_kube_system if {
	samples.marks(rule.finding) == {"metadata/namespace"} with input as inside("kube-system", {"app": "web"}, {})
}

test_kube_public if {
	count(rule.finding) == 1 with input as inside("kube-public", {}, {})
}

test_parts_of_the_cluster if {
	rule.finding == set() with input as inside("kube-system", {"k8s-app": "kube-dns"}, {})
	rule.finding == set() with input as inside("kube-system", {}, {"priorityClassName": "system-node-critical"})
}

test_other_namespaces if {
	rule.finding == set() with input as inside("shop", {}, {})
	rule.finding == set() with input as inside("", {}, {})
}
