# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.node_restriction_test

import data.sealock.config.identity.node_restriction as rule
import data.sealock.lib.samples_test as samples

test_no_plugin if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--authorization-mode=Node,RBAC"])
}

test_both if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--authorization-mode=Node,RBAC", "--enable-admission-plugins=EventRateLimit,NodeRestriction"])
}

test_kubeadm_sets_the_plugin_itself if {
	rule.finding == set() with input as samples.kubeadm({"apiServer": {"extraArgs": {"authorization-mode": "Node,RBAC"}}})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--v=2"])
}

test_in_a_file if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--admission-control-config-file=/etc/admission.yaml"])
}
