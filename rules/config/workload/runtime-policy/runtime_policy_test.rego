# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.runtime_policy_test

import data.sealock.config.workload.runtime_policy as rule
import data.sealock.lib.samples_test as samples

off := {"workload.runtime-policy": {"require": false}}

policy(kind, api, spec) := samples.namespaced(9, api, kind, "p", {"spec": spec})

armor(labels) := policy("KubeArmorPolicy", "security.kubearmor.com/v1", {"selector": {"matchLabels": labels}, "action": "Allow"})

web := samples.workload(1, "Deployment", "web", {"containers": [{"name": "web"}]})

api := samples.workload(2, "Deployment", "api", {"containers": [{"name": "api"}]})

test_one_workload_was_forgotten if {
	doc := samples.kube([web, api, armor({"app": "web"})])
	samples.items(rule.finding) == {2} with input as doc with data.params as off
}

test_the_policy_is_of_another_namespace if {
	doc := samples.kube([web, object.union(armor({"app": "web"}), {"namespace": "other"})])
	samples.items(rule.finding) == {1} with input as doc with data.params as off
}

test_required_by_the_parameter if {
	count(rule.finding) == 1 with input as samples.kube([web]) with data.params as {"workload.runtime-policy": {"require": true}}
}

test_trees_without_such_policies if {
	rule.finding == set() with input as samples.kube([web, api]) with data.params as off
}

test_all_have_one if {
	rule.finding == set() with input as samples.kube([web, api, armor({})]) with data.params as off
	rule.finding == set() with input as samples.kube([web, armor({"app": "web"})]) with data.params as off
}

test_tetragon_and_apparmor_count if {
	tracing := samples.global(9, "cilium.io/v1alpha1", "TracingPolicy", "p", {"spec": {"podSelector": {"matchLabels": {"app": "web"}}}})
	profiled := samples.workload(2, "Deployment", "api", {"securityContext": {"appArmorProfile": {"type": "Localhost", "localhostProfile": "api"}}, "containers": [{"name": "api"}]})
	rule.finding == set() with input as samples.kube([web, profiled, tracing]) with data.params as off
}

test_a_cluster_policy_covers_namespaces if {
	doc := samples.kube([web, samples.global(9, "security.kubearmor.com/v1", "KubeArmorClusterPolicy", "p", {"spec": {"selector": {"matchExpressions": [{"key": "namespace", "operator": "In", "values": ["shop"]}]}}})])
	rule.finding == set() with input as doc with data.params as off
}

watching(more) := samples.kube([samples.namespaced(1, "security.kubearmor.com/v1", "KubeArmorPolicy", "web", {"spec": object.union(
	{"selector": {"matchLabels": {"app": "web"}}, "action": "Audit", "process": {"matchPaths": [{"path": "/bin/sh"}]}},
	more,
)})])

test_a_policy_that_only_watches if {
	samples.marks(rule.finding) == {"spec/action"} with input as watching({}) with data.params as {"workload.runtime-policy": {"require": false}}
}

test_a_policy_that_stops_something if {
	rule.finding == set() with input as watching({"action": "Block"}) with data.params as {"workload.runtime-policy": {"require": false}}
	rule.finding == set() with input as watching({"process": {"matchPaths": [{"path": "/bin/sh", "action": "Block"}]}}) with data.params as {"workload.runtime-policy": {"require": false}}
}
