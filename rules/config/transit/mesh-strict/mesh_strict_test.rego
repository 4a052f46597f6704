# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.mesh_strict_test

import data.sealock.config.transit.mesh_strict as rule
import data.sealock.lib.samples_test as samples

namespace(labels) := samples.global(1, "v1", "Namespace", "shop", {"metadata": {"labels": labels}})

peer(namespace, spec) := samples.item(2, "security.istio.io/v1", "PeerAuthentication", "default", {"spec": spec}, namespace)

test_no_policy if {
	samples.marks(rule.finding) == {"metadata/labels/istio-injection"} with input as samples.kube([namespace({"istio-injection": "enabled"})])
}

test_a_policy_for_one_workload_only if {
	doc := samples.kube([namespace({"istio.io/rev": "stable"}), peer("shop", {"selector": {"matchLabels": {"app": "web"}}, "mtls": {"mode": "STRICT"}})])
	samples.items(rule.finding) == {1} with input as doc
}

test_a_policy_of_another_namespace if {
	samples.items(rule.finding) == {1} with input as samples.kube([namespace({"istio.io/dataplane-mode": "ambient"}), peer("other", {"mtls": {"mode": "STRICT"}})])
}

test_strict_for_the_namespace_or_the_mesh if {
	rule.finding == set() with input as samples.kube([namespace({"istio-injection": "enabled"}), peer("shop", {"mtls": {"mode": "STRICT"}})])
	rule.finding == set() with input as samples.kube([namespace({"istio-injection": "enabled"}), peer("istio-system", {"mtls": {"mode": "STRICT"}})])
}

test_outside_the_mesh if {
	rule.finding == set() with input as samples.kube([namespace({"istio-injection": "disabled"})])
}
