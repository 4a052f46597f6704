# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.etcd_certificate_test

import data.sealock.config.transit.etcd_certificate as rule
import data.sealock.lib.samples_test as samples

test_none if {
	some f in rule.finding with input as samples.component("etcd", ["--v=2"])
	f.found == "no --cert-file, no --key-file"
	f.path == ["spec", "containers", 0, "command"]
}

test_half if {
	some f in rule.finding with input as samples.component("etcd", ["--cert-file=/etc/cert-file"])
	f.found == "no --key-file"
}

test_given if {
	rule.finding == set() with input as samples.component("etcd", ["--cert-file=/etc/cert-file", "--key-file=/etc/key-file"])
}

test_on_one_machine if {
	rule.finding == set() with input as samples.component("etcd", ["--listen-client-urls=http://127.0.0.1:2379"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--v=2"])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {}, "etcd": {"local": {}}})
}
