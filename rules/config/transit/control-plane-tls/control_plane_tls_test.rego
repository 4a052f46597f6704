# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.control_plane_tls_test

import data.sealock.config.transit.control_plane_tls as rule
import data.sealock.lib.samples_test as samples

test_an_insecure_port if {
	samples.marks(rule.finding) == {"critical spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--insecure-port=8080"])
	samples.marks(rule.finding) == {"critical spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--insecure-bind-address=0.0.0.0"])
}

test_no_secure_port if {
	samples.marks(rule.finding) == {"critical spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--secure-port=0"])
	samples.marks(rule.finding) == {"critical apiServer/extraArgs/secure-port"} with input as samples.kubeadm({"apiServer": {"extraArgs": {"secure-port": "0"}}})
}

test_plain_text if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--kubelet-https=false"])
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--etcd-servers=https://10.0.0.4:2379,http://10.0.0.5:2379"])
}

test_a_good_one if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--insecure-port=0", "--secure-port=6443", "--etcd-servers=https://10.0.0.5:2379"])
	rule.finding == set() with input as samples.component("kube-apiserver", ["--etcd-servers=http://127.0.0.1:2379,http://localhost:2380"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--insecure-port=8080", "--address=0.0.0.0"])
}
