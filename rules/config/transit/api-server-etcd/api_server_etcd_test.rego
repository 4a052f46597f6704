# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.api_server_etcd_test

import data.sealock.config.transit.api_server_etcd as rule
import data.sealock.lib.samples_test as samples

test_none if {
	some f in rule.finding with input as samples.component("kube-apiserver", ["--v=2"])
	f.found == "no --etcd-certfile, no --etcd-keyfile"
	f.path == ["spec", "containers", 0, "command"]
}

test_half if {
	some f in rule.finding with input as samples.component("kube-apiserver", ["--etcd-certfile=/etc/etcd-certfile"])
	f.found == "no --etcd-keyfile"
}

test_given if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--etcd-certfile=/etc/etcd-certfile", "--etcd-keyfile=/etc/etcd-keyfile"])
}

test_on_one_machine if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--etcd-servers=http://127.0.0.1:2379"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--v=2"])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {}, "etcd": {"local": {}}})
}
