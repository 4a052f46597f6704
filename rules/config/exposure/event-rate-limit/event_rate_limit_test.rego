# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.event_rate_limit_test

import data.sealock.config.exposure.event_rate_limit as rule
import data.sealock.lib.samples_test as samples

test_other_plugins if {
	samples.marks(rule.finding) == {"low spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--enable-admission-plugins=NodeRestriction"])
}

test_none if {
	samples.marks(rule.finding) == {"low spec/containers/0/command"} with input as samples.component("kube-apiserver", [])
}

test_given if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--enable-admission-plugins=NodeRestriction,EventRateLimit"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("kube-scheduler", ["--v=2"])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {}})
}
