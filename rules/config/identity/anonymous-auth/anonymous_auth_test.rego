# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.anonymous_auth_test

import data.sealock.config.identity.anonymous_auth as rule
import data.sealock.lib.samples_test as samples

test_switched_on if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--anonymous-auth=true"])
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("kubelet", ["--anonymous-auth"])
	samples.marks(rule.finding) == {"high authentication/anonymous/enabled"} with input as samples.kubelet_file({"authentication": {"anonymous": {"enabled": true}}})
	samples.marks(rule.finding) == {"medium apiServer/extraArgs/anonymous-auth"} with input as samples.kubeadm({"apiServer": {"extraArgs": {"anonymous-auth": "true"}}})
}

test_by_default if {
	samples.marks(rule.finding) == {"low spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--secure-port=6443"])
	samples.marks(rule.finding) == {"high spec/containers/0/command"} with input as samples.component("kubelet", ["--v=2"])
}

test_switched_off if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--anonymous-auth=false"])
	rule.finding == set() with input as samples.component("kubelet", ["--anonymous-auth=false"])
	rule.finding == set() with input as samples.kubelet_file({"authentication": {"anonymous": {"enabled": false}}})
}

test_told_by_a_file if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--authentication-config=/etc/authn.yaml"])
	rule.finding == set() with input as samples.kubelet_file({})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--anonymous-auth=true"])
}
