# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.root_ca_test

import data.sealock.config.transit.root_ca as rule
import data.sealock.lib.samples_test as samples

test_none if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-controller-manager", ["--v=2"])
}

test_bare if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-controller-manager", [])
}

test_given if {
	rule.finding == set() with input as samples.component("kube-controller-manager", ["--root-ca-file=/etc/kubernetes/pki/ca.crt"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("kube-scheduler", ["--v=2"])
	rule.finding == set() with input as samples.kubeadm({"controllerManager": {}})
}
