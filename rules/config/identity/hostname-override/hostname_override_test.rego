# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.hostname_override_test

import data.sealock.config.identity.hostname_override as rule
import data.sealock.lib.samples_test as samples

test_another_name if {
	samples.marks(rule.finding) == {"low spec/containers/0/command/1"} with input as samples.component("kubelet", ["--hostname-override=node-7"])
}

test_by_kubeadm if {
	k := samples.global(1, "kubeadm.k8s.io/v1beta3", "InitConfiguration", "", {"nodeRegistration": {"kubeletExtraArgs": {"hostname-override": "node-7"}}})
	samples.marks(rule.finding) == {"low nodeRegistration/kubeletExtraArgs/hostname-override"} with input as samples.kube([k])
}

test_the_nodes_own if {
	rule.finding == set() with input as samples.component("kubelet", ["--v=2"])
	rule.finding == set() with input as samples.component("kubelet", ["--hostname-override=$(NODE_NAME)"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("kube-proxy", ["--hostname-override=node-7"])
}
