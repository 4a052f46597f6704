# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.control_plane_access_test

import data.sealock.config.identity.control_plane_access as rule
import data.sealock.lib.samples_test as samples

test_allow_always if {
	samples.marks(rule.finding) == {"critical spec/containers/0/command/1", "medium spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--authorization-mode=AlwaysAllow"])
	samples.marks(rule.finding) == {"critical spec/containers/0/command/2"} with input as samples.component("kubelet", ["--v=2", "--authorization-mode=AlwaysAllow"])
}

test_nothing_said if {
	samples.marks(rule.finding) == {"critical spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--secure-port=6443"])
	samples.marks(rule.finding) == {"critical spec/containers/0/command"} with input as samples.component("kube-apiserver", [])
}

test_without_node if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--authorization-mode=RBAC,Webhook"])
}

test_without_rbac if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--authorization-mode=Node,ABAC"])
}

test_a_kubelets_settings if {
	samples.marks(rule.finding) == {"critical authorization/mode"} with input as samples.kubelet_file({"authorization": {"mode": "AlwaysAllow"}})
}

test_settings_for_kubeadm if {
	v3 := samples.kubeadm({"apiServer": {"extraArgs": {"authorization-mode": "AlwaysAllow"}}})
	samples.marks(rule.finding) == {"critical apiServer/extraArgs/authorization-mode", "medium apiServer/extraArgs/authorization-mode"} with input as v3
	v4 := samples.kubeadm({"apiServer": {"extraArgs": [{"name": "authorization-mode", "value": "ABAC"}]}})
	samples.marks(rule.finding) == {"high apiServer/extraArgs/0/value", "medium apiServer/extraArgs/0/value"} with input as v4
}

test_good_ones if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--authorization-mode=Node,RBAC"])
	rule.finding == set() with input as samples.component("kube-apiserver", ["--authorization-config=/etc/authz.yaml"])
	rule.finding == set() with input as samples.component("kubelet", ["--authorization-mode=Webhook"])
	rule.finding == set() with input as samples.component("kubelet", ["--config=/var/lib/kubelet/config.yaml"])
	rule.finding == set() with input as samples.kubelet_file({"authorization": {"mode": "Webhook"}})
	rule.finding == set() with input as samples.kubeadm({"apiServer": {}})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--authorization-mode=AlwaysAllow"])
}
