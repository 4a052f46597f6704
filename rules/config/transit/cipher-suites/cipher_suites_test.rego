# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.cipher_suites_test

import data.sealock.config.transit.cipher_suites as rule
import data.sealock.lib.samples_test as samples

test_broken_ones if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kubelet", ["--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA"])
	samples.marks(rule.finding) == {"medium apiServer/extraArgs/tls-cipher-suites"} with input as samples.kubeadm({"apiServer": {"extraArgs": {"tls-cipher-suites": "TLS_RSA_WITH_3DES_EDE_CBC_SHA"}}})
}

test_old_ones if {
	doc := samples.component("kube-apiserver", ["--tls-cipher-suites=TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256"])
	samples.marks(rule.finding) == {"low spec/containers/0/command/1"} with input as doc
	samples.marks(rule.finding) == {"low tlsCipherSuites/1"} with input as samples.kubelet_file({"tlsCipherSuites": ["TLS_AES_128_GCM_SHA256", "TLS_RSA_WITH_AES_128_GCM_SHA256"]})
}

test_strong_ones if {
	doc := samples.component("kube-apiserver", ["--tls-cipher-suites=TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305,TLS_AES_128_GCM_SHA256"])
	rule.finding == set() with input as doc
}

test_nothing_said if {
	rule.finding == set() with input as samples.component("kube-apiserver", [])
	rule.finding == set() with input as samples.kubelet_file({})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA"])
}
