# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.api_server_certificate_test

import data.sealock.config.transit.api_server_certificate as rule
import data.sealock.lib.samples_test as samples

test_none if {
	some f in rule.finding with input as samples.component("kube-apiserver", ["--v=2"])
	f.found == "no --tls-cert-file, no --tls-private-key-file"
	f.path == ["spec", "containers", 0, "command"]
}

test_half if {
	some f in rule.finding with input as samples.component("kube-apiserver", ["--tls-cert-file=/etc/tls-cert-file"])
	f.found == "no --tls-private-key-file"
}

test_given if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--tls-cert-file=/etc/tls-cert-file", "--tls-private-key-file=/etc/tls-private-key-file"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--v=2"])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {}, "etcd": {"local": {}}})
}
