# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.admission_plugins_test

import data.sealock.config.identity.admission_plugins as rule
import data.sealock.lib.samples_test as samples

test_everything_is_admitted if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--enable-admission-plugins=NodeRestriction,AlwaysAdmit"])
	samples.marks(rule.finding) == {"high apiServer/extraArgs/admission-control"} with input as samples.kubeadm({"apiServer": {"extraArgs": {"admission-control": "AlwaysAdmit"}}})
}

test_switched_off if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("kube-apiserver", ["--disable-admission-plugins=ServiceAccount,PodSecurity"])
}

test_what_may_be_off if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--disable-admission-plugins=DefaultStorageClass,TaintNodesByCondition"])
}

test_a_good_one if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--enable-admission-plugins=NodeRestriction,AlwaysPullImages"])
	rule.finding == set() with input as samples.component("kube-apiserver", [])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--enable-admission-plugins=AlwaysAdmit"])
}
