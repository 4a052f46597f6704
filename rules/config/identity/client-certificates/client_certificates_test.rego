# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.client_certificates_test

import data.sealock.config.identity.client_certificates as rule
import data.sealock.lib.samples_test as samples

test_none if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--secure-port=6443"])
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kubelet", ["--v=2"])
	samples.marks(rule.finding) == {"medium authentication/x509/clientCAFile"} with input as samples.kubelet_file({"authentication": {"webhook": {"enabled": true}}})
}

test_another_file if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--client-ca-file=/etc/kubernetes/ca.key"])
	samples.marks(rule.finding) == {"medium authentication/x509/clientCAFile"} with input as samples.kubelet_file({"authentication": {"x509": {"clientCAFile": "/etc/ca.txt"}}})
}

test_given if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--client-ca-file=/etc/kubernetes/pki/ca.crt"])
	rule.finding == set() with input as samples.kubelet_file({"authentication": {"x509": {"clientCAFile": "/etc/kubernetes/pki/ca.crt"}}})
}

test_told_elsewhere if {
	rule.finding == set() with input as samples.component("kubelet", ["--config=/var/lib/kubelet/config.yaml"])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {"extraArgs": {"v": "2"}}})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--v=2"])
}
