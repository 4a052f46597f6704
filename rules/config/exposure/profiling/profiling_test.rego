# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.profiling_test

import data.sealock.config.exposure.profiling as rule
import data.sealock.lib.samples_test as samples

test_switched_on if {
	samples.marks(rule.finding) == {"low spec/containers/0/command/1"} with input as samples.component("kube-scheduler", ["--profiling=true"])
	samples.marks(rule.finding) == {"low controllerManager/extraArgs/profiling"} with input as samples.kubeadm({"controllerManager": {"extraArgs": {"profiling": "true"}}})
}

test_by_default if {
	samples.marks(rule.finding) == {"low spec/containers/0/command"} with input as samples.component("kube-apiserver", ["--v=2"])
}

test_a_schedulers_file if {
	k := samples.global(1, "kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration", "", {})
	samples.marks(rule.finding) == {"enableProfiling"} with input as samples.kube([k])
	off := samples.global(1, "kubescheduler.config.k8s.io/v1", "KubeSchedulerConfiguration", "", {"enableProfiling": false})
	rule.finding == set() with input as samples.kube([off])
}

test_switched_off if {
	rule.finding == set() with input as samples.component("kube-apiserver", ["--profiling=false"])
	rule.finding == set() with input as samples.component("kube-scheduler", ["--config=/etc/scheduler.yaml"])
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--profiling=true"])
}
