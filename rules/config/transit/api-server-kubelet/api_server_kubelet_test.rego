# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.api_server_kubelet_test

import data.sealock.config.transit.api_server_kubelet as rule
import data.sealock.lib.samples_test as samples

test_none if {
	some f in rule.finding with input as samples.component("kube-apiserver", ["--v=2"])
	f.found == "no --kubelet-client-certificate, no --kubelet-client-key"
	f.path == ["spec", "containers", 0, "command"]
}

test_half if {
	some f in rule.finding with input as samples.component("kube-apiserver", ["--kubelet-client-certificate=/etc/kubelet-client-certificate"])
	f.found == "no --kubelet-client-key"
}

test_given if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--kubelet-client-certificate=/etc/kubelet-client-certificate", "--kubelet-client-key=/etc/kubelet-client-key"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--v=2"])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {}, "etcd": {"local": {}}})
}
