# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.namespace_default_deny_test

import data.sealock.config.segmentation.namespace_default_deny as rule
import data.sealock.lib.samples_test as samples

namespace := samples.global(1, "v1", "Namespace", "shop", {})

policy(spec) := samples.namespaced(2, "networking.k8s.io/v1", "NetworkPolicy", "deny", {"spec": spec})

test_a_namespace_without_policies if {
	samples.marks(rule.finding) == {"metadata/name"} with input as samples.kube([namespace])
	samples.marks(rule.finding) == {"metadata/name"} with input as samples.kube([namespace, policy({"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress", "Egress"]})])
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
