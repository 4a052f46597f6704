# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.always_pull_images_test

import data.sealock.config.identity.always_pull_images as rule
import data.sealock.lib.samples_test as samples

test_other_plugins if {
	samples.marks(rule.finding) == {"low spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--enable-admission-plugins=NodeRestriction"])
}

test_none if {
	samples.marks(rule.finding) == {"low spec/containers/0/command"} with input as samples.component("kube-apiserver", [])
}

test_given if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--enable-admission-plugins=NodeRestriction,AlwaysPullImages"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("kube-scheduler", ["--v=2"])
	rule.finding == set() with input as samples.kubeadm({"apiServer": {}})
}
