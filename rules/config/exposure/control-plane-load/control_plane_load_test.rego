# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.control_plane_load_test

import data.sealock.config.exposure.control_plane_load as rule
import data.sealock.lib.samples_test as samples

test_long_requests if {
	samples.marks(rule.finding) == {"low spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--request-timeout=1h1m1s"])
	samples.marks(rule.finding) == {"low apiServer/extraArgs/request-timeout"} with input as samples.kubeadm({"apiServer": {"extraArgs": {"request-timeout": "6m"}}})
}

test_dead_pods if {
	samples.marks(rule.finding) == {"low spec/containers/0/command/1"} with input as samples.component("kube-controller-manager", ["--terminated-pod-gc-threshold=0"])
	samples.marks(rule.finding) == {"low spec/containers/0/command/1"} with input as samples.component("kube-controller-manager", ["--terminated-pod-gc-threshold=20000"])
}

test_bounds if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--request-timeout=300s"])
	rule.finding == set() with input as samples.component("kube-controller-manager", ["--terminated-pod-gc-threshold=100"])
}

test_what_is_no_time_or_number if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--request-timeout=long"])
	rule.finding == set() with input as samples.component("kube-controller-manager", ["--terminated-pod-gc-threshold=$(N)"])
}

test_by_default if {
	rule.finding == set() with input as samples.component("kube-apiserver", [])
}
