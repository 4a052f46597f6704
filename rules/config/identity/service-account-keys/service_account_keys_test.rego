# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.service_account_keys_test

import data.sealock.config.identity.service_account_keys as rule
import data.sealock.lib.samples_test as samples

test_no_keys if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--v=2"])
	samples.marks(rule.finding) == {"medium spec/containers/0/command"} with input as samples.component("kube-controller-manager", ["--v=2"])
}

test_one_key_for_both if {
	doc := samples.component("kube-apiserver", ["--service-account-key-file=/etc/api.key", "--tls-private-key-file=/etc/api.key"])
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as doc
}

test_good_ones if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--service-account-key-file=/etc/sa.pub", "--tls-private-key-file=/etc/api.key"])
	rule.finding == set() with input as samples.component("kube-controller-manager", ["--service-account-private-key-file=/etc/sa.key"])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {"extraArgs": {"service-account-lookup": "true"}}})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("kube-scheduler", ["--v=2"])
}
