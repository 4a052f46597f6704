# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.control_plane_tls_test

import data.sealock.config.transit.control_plane_tls as rule
import data.sealock.lib.samples_test as samples

component(name, args) := samples.pod({"containers": [{"name": name, "image": sprintf("registry.k8s.io/%s:v1.34.1", [name]), "command": array.concat([name], args)}]})

known := ["--client-ca-file=/etc/ca.crt", "--kubelet-client-certificate=/etc/k.crt", "--tls-cert-file=/etc/api.crt", "--etcd-cafile=/etc/e.crt", "--etcd-certfile=/etc/c.crt"]

test_an_insecure_port if {
	samples.marks(rule.finding) == {"critical spec/containers/0/command/7"} with input as component("kube-apiserver", array.concat(known, ["--secure-port=6443", "--insecure-port=8080"]))
}

test_certificates_that_were_forgotten if {
	some f in rule.finding with input as component("kube-apiserver", ["--etcd-servers=https://10.0.0.5:2379"])
	f.found == "no --client-ca-file, no --etcd-cafile, no --etcd-certfile, no --kubelet-client-certificate, no --tls-cert-file"
}

test_etcd_without_certificates if {
	samples.marks(rule.finding) == {"spec/containers/0/command"} with input as component("etcd", ["--data-dir=/var/lib/etcd", "--listen-client-urls=http://0.0.0.0:2379"])
	samples.marks(rule.finding) == {"critical spec/containers/0/command/1"} with input as component("etcd", ["--client-cert-auth=false"])
}

test_plain_text_to_etcd if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/6"} with input as component("kube-apiserver", array.concat(known, ["--etcd-servers=http://10.0.0.5:2379"]))
}

test_broken_ciphers if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as component("kubelet", ["--tls-cipher-suites=TLS_RSA_WITH_RC4_128_SHA"])
}

test_good_ones if {
	rule.finding == set() with input as component("kube-apiserver", array.concat(known, ["--insecure-port=0", "--etcd-servers=https://127.0.0.1:2379", "--tls-min-version=VersionTLS13"]))
	rule.finding == set() with input as component("etcd", ["--client-cert-auth=true", "--peer-client-cert-auth=true", "--trusted-ca-file=/etc/ca.crt"])
}

test_only_on_this_machine if {
	rule.finding == set() with input as component("etcd", ["--listen-client-urls=http://127.0.0.1:2379"])
}

test_other_programs if {
	rule.finding == set() with input as component("web", ["--insecure-port=8080", "--address=0.0.0.0"])
}
