# SPDX-License-Identifier: Apache-2.0

package sealock.lib.config_control_plane_test

import data.sealock.lib.config_control_plane as control
import data.sealock.lib.samples_test as samples

test_static_pods if {
	every program in ["kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "etcd"] {
		control.static_pods == {1} with input as samples.kube([samples.static_pod(program, {}, {})])
	}
	by_path := [{"name": "etcd", "command": ["/usr/local/bin/etcd"]}]
	control.static_pods == {1} with input as samples.kube([samples.static_pod("etcd", {}, {"containers": by_path})])
}

test_what_only_looks_like_a_static_pod if {
	etcd := {"name": "etcd", "command": ["etcd"]}
	every pod in [
		samples.static_pod("etcd", {"tier": "web"}, {}),
		samples.static_pod("etcd", {"component": "web"}, {}),
		samples.static_pod("web", {}, {}),
		samples.static_pod("etcd", {}, {"containers": [{"name": "etcd", "command": ["sh", "-c", "etcd"]}]}),
		samples.static_pod("etcd", {}, {"containers": [{"name": "etcd", "args": ["etcd"]}]}),
		samples.static_pod("etcd", {}, {"containers": [{"name": "etcd", "command": [7]}]}),
		samples.static_pod("etcd", {}, {"containers": []}),
		samples.static_pod("etcd", {}, {"containers": [etcd, {"name": "web"}]}),
		samples.static_pod("etcd", {}, {"initContainers": [{"name": "web", "command": ["web"]}]}),
		samples.static_pod("etcd", {}, {"serviceAccountName": "default"}),
		samples.static_pod("etcd", {}, {"serviceAccount": "etcd"}),
		object.union(samples.static_pod("etcd", {}, {}), {"namespace": "shop"}),
		object.union(samples.static_pod("etcd", {}, {}), {"kind": "Deployment"}),
	] {
		control.static_pods == set() with input as samples.kube([pod])
	}
}
