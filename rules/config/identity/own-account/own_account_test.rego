# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.own_account_test

import data.sealock.config.identity.own_account as rule
import data.sealock.lib.samples_test as samples

runs(id, name, spec) := samples.workload(id, "Deployment", name, object.union({"containers": [{"name": name}]}, spec))

test_none_named if {
	samples.marks(rule.finding) == {"spec/template/spec/serviceAccountName"} with input as samples.kube([runs(1, "web", {})])
}

test_default_named if {
	samples.items(rule.finding) == {1} with input as samples.kube([runs(1, "web", {"serviceAccountName": "default"})])
	samples.items(rule.finding) == {1} with input as samples.kube([runs(1, "web", {"serviceAccountName": ""})])
}

test_two_share_one if {
	doc := samples.kube([runs(1, "web", {"serviceAccountName": "shop"}), runs(2, "api", {"serviceAccountName": "shop"})])
	samples.items(rule.finding) == {1} with input as doc
}

test_each_has_one if {
	rule.finding == set() with input as samples.kube([runs(1, "web", {"serviceAccountName": "web"}), runs(2, "api", {"serviceAccount": "api"})])
}

test_in_another_namespace_it_is_another if {
	doc := samples.kube([runs(1, "web", {"serviceAccountName": "app"}), object.union(runs(2, "api", {"serviceAccountName": "app"}), {"namespace": "other"})])
	rule.finding == set() with input as doc
}

test_the_same_workload_in_two_overlays if {
	rule.finding == set() with input as samples.kube([runs(1, "web", {"serviceAccountName": "web"}), runs(2, "web", {"serviceAccountName": "web"})])
}

test_a_static_pod_of_the_control_plane if {
	rule.finding == set() with input as samples.kube([samples.static_pod("etcd", {}, {})])
}

test_what_only_looks_like_a_static_pod if {
	samples.items(rule.finding) == {1} with input as samples.kube([samples.static_pod("etcd", {"tier": "web"}, {})])
}
