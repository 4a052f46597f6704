# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.token_automount_test

import data.sealock.config.identity.token_automount as rule
import data.sealock.lib.samples_test as samples

runs(spec) := samples.workload(1, "Deployment", "web", object.union({"serviceAccountName": "web", "containers": [{"name": "web"}]}, spec))

account(name, body) := samples.namespaced(2, "v1", "ServiceAccount", name, body)

test_nothing_said if {
	samples.marks(rule.finding) == {"spec/template/spec/automountServiceAccountToken"} with input as samples.kube([runs({})])
}

test_the_pod_wins if {
	doc := samples.kube([runs({"automountServiceAccountToken": true}), account("web", {"automountServiceAccountToken": false})])
	samples.items(rule.finding) == {1} with input as doc
}

test_the_account_of_another_namespace if {
	doc := samples.kube([runs({}), object.union(account("web", {"automountServiceAccountToken": false}), {"namespace": "other"})])
	samples.items(rule.finding) == {1} with input as doc
}

test_the_default_account_gives_tokens if {
	samples.marks(rule.finding) == {"low automountServiceAccountToken"} with input as samples.kube([account("default", {})])
}

test_the_pod_says_false if {
	rule.finding == set() with input as samples.kube([runs({"automountServiceAccountToken": false}), account("web", {"automountServiceAccountToken": true})])
}

test_the_account_says_false if {
	rule.finding == set() with input as samples.kube([runs({}), account("web", {"automountServiceAccountToken": false})])
}

test_the_account_has_rights if {
	binding := samples.namespaced(3, "rbac.authorization.k8s.io/v1", "RoleBinding", "web", {"roleRef": {"kind": "Role", "name": "web"}, "subjects": [{"kind": "ServiceAccount", "name": "web"}]})
	rule.finding == set() with input as samples.kube([runs({}), binding])
}

bound(namespace) := samples.global(3, "rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "web", {
	"roleRef": {"kind": "ClusterRole", "name": "web"},
	"subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": namespace}],
})

test_a_chart_is_installed_into_some_namespace if {
	rule.finding == set() with input as samples.kube([object.union(runs({}), {"origin": "helm", "namespace": "default"}), bound("web-system")])
	rule.finding == set() with input as samples.kube([object.union(object.remove(runs({}), ["object"]), {"object": {"metadata": {"name": "web"}}, "namespace": "default"}), bound("web-system")])
}

test_rights_of_an_account_elsewhere if {
	samples.items(rule.finding) == {1} with input as samples.kube([runs({}), bound("web-system")])
}

test_a_static_pod_of_the_control_plane if {
	rule.finding == set() with input as samples.kube([samples.static_pod("etcd", {}, {})])
}

test_what_only_looks_like_a_static_pod if {
	samples.items(rule.finding) == {1} with input as samples.kube([samples.static_pod("etcd", {"tier": "web"}, {})])
}

test_a_static_pod_that_asks_for_a_token if {
	samples.items(rule.finding) == {1} with input as samples.kube([samples.static_pod("etcd", {}, {"automountServiceAccountToken": true})])
}
