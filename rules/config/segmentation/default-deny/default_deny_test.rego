# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.default_deny_test

import data.sealock.config.segmentation.default_deny as rule
import data.sealock.lib.samples_test as samples

workload(more) := object.union(
	{
		"name": "shop/auth", "kind": "Deployment", "item": 3, "path": ["spec", "template"], "labels": {"app": "auth"}, "namespaceLabels": {}, "serviceAccount": "auth",
		"hostNetwork": false, "ingressIsolated": true, "egressIsolated": true, "authorized": false,
	},
	more,
)

graph(list) := {"graph": {"workloads": list, "endpoints": [], "rules": [], "flows": [], "unread": [], "comparison": null}}

test_nothing_selects_it if {
	found := rule.finding with input as graph([workload({"ingressIsolated": false, "egressIsolated": false})])
	found == {{
		"item": 3, "path": ["spec", "template"], "message": "no network policy limits the ingress and egress of shop/auth",
		"found": "any ingress and egress", "expected": "policies that select the pod for ingress and egress",
	}}
}

test_one_direction if {
	found := rule.finding with input as graph([workload({"egressIsolated": false}), workload({"item": 4})])
	{[f.item, f.found] | some f in found} == {[3, "any egress"]}
}

test_each_workload_by_itself if {
	count(rule.finding) == 2 with input as graph([workload({"ingressIsolated": false}), workload({"item": 4, "egressIsolated": false}), workload({"item": 5})])
}

test_policies_that_are_not_read_are_no_excuse if {
	doc := graph([workload({"ingressIsolated": false})])
	found := rule.finding with input as object.union(doc, {"graph": {"unread": [{"item": 9, "path": ["kind"], "policy": "ClusterNetworkPolicy deny", "kind": "unsupported", "message": "m"}]}})
	{f.item | some f in found; not "severity" in object.keys(f)} == {3}
}

test_isolated if rule.finding == set() with input as graph([workload({})])

test_the_nodes_network_is_another_rule if rule.finding == set() with input as graph([workload({"hostNetwork": true, "ingressIsolated": false})])

test_nothing_to_judge if {
	rule.finding == set() with input as graph([])
	rule.finding == set() with input as {"graph": null}
	rule.finding == set() with input as {}
}

namespace := samples.global(1, "v1", "Namespace", "shop", {})

policy(spec) := samples.namespaced(2, "networking.k8s.io/v1", "NetworkPolicy", "deny", {"spec": spec})

test_a_namespace_without_policies if {
	samples.marks(rule.finding) == {"low metadata/name"} with input as samples.kube([namespace])
	samples.marks(rule.finding) == {"low metadata/name"} with input as samples.kube([namespace, policy({"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress", "Egress"]})])
}

test_a_namespace_that_lets_everything_out if {
	found := {f.found | some f in rule.finding} with input as samples.kube([namespace, policy({"podSelector": {}, "ingress": []})])
	found == {"any egress"}
}

test_a_namespace_that_denies if {
	rule.finding == set() with input as samples.kube([namespace, policy({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]})])
	rule.finding == set() with input as samples.kube([namespace, policy({"podSelector": {}, "egress": [{"ports": [{"port": 53}]}]})])
}

test_other_policies_of_a_namespace if {
	rule.finding == set() with input as samples.kube([namespace, samples.namespaced(2, "cilium.io/v2", "CiliumNetworkPolicy", "deny", {})])
	rule.finding == set() with input as samples.kube([namespace, samples.global(2, "crd.projectcalico.org/v1", "GlobalNetworkPolicy", "deny", {})])
}

test_workloads_speak_for_their_namespace if {
	rule.finding == set() with input as samples.kube([namespace, samples.workload(3, "Deployment", "web", {"containers": []})])
}

test_namespaces_of_kubernetes if {
	rule.finding == set() with input as samples.kube([samples.global(1, "v1", "Namespace", "kube-system", {})])
}
