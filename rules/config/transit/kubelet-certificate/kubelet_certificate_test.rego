# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.kubelet_certificate_test

import data.sealock.config.transit.kubelet_certificate as rule
import data.sealock.lib.samples_test as samples

test_none if {
	samples.marks(rule.finding) == {"low tlsCertFile"} with input as samples.kubelet_file({"rotateCertificates": true})
}

test_half if {
	samples.marks(rule.finding) == {"low tlsPrivateKeyFile"} with input as samples.kubelet_file({"tlsCertFile": "/etc/node.crt"})
	samples.marks(rule.finding) == {"low spec/containers/0/command"} with input as samples.component("kubelet", ["--tls-cert-file=/etc/node.crt"])
}

test_given if {
	rule.finding == set() with input as samples.kubelet_file({"tlsCertFile": "/etc/node.crt", "tlsPrivateKeyFile": "/etc/node.key"})
	rule.finding == set() with input as samples.component("kubelet", ["--tls-cert-file=/etc/node.crt", "--tls-private-key-file=/etc/node.key"])
}

test_asked_for if {
	rule.finding == set() with input as samples.kubelet_file({"serverTLSBootstrap": true})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--tls-cert-file=/etc/node.crt"])
}
