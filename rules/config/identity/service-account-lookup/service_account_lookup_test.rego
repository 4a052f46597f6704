# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.service_account_lookup_test

import data.sealock.config.identity.service_account_lookup as rule
import data.sealock.lib.samples_test as samples

test_switched_off if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--service-account-lookup=false"])
}

test_by_kubeadm if {
	samples.marks(rule.finding) == {"high apiServer/extraArgs/service-account-lookup"} with input as samples.kubeadm({"apiServer": {"extraArgs": {"service-account-lookup": "false"}}})
}

test_switched_on if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--service-account-lookup=true"])
	rule.finding == set() with input as samples.component("kube-apiserver", [])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--service-account-lookup=false"])
}
