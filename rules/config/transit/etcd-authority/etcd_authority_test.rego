# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.etcd_authority_test

import data.sealock.config.transit.etcd_authority as rule
import data.sealock.lib.samples_test as samples

test_none if {
	some f in rule.finding with input as samples.component("kube-apiserver", ["--v=2"])
	f.found == "no --etcd-cafile"
	f.path == ["spec", "containers", 0, "command"]
}

test_with_others if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--v=2", "--etcd-cafile-of-another=x"])
}

test_given if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--etcd-cafile=/etc/etcd-cafile"])
}

test_on_one_machine if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--etcd-servers=http://127.0.0.1:2379"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--v=2"])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {}, "etcd": {"local": {}}})
}
