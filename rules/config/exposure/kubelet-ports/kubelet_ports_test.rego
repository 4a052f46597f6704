# SPDX-License-Identifier: Apache-2.0

package sealock.config.exposure.kubelet_ports_test

import data.sealock.config.exposure.kubelet_ports as rule
import data.sealock.lib.samples_test as samples

test_a_port if {
	samples.marks(rule.finding) == {"high spec/containers/0/command/1"} with input as samples.component("kubelet", ["--read-only-port=10255"])
	samples.marks(rule.finding) == {"high readOnlyPort"} with input as samples.kubelet_file({"readOnlyPort": 10255})
}

test_by_default if {
	samples.marks(rule.finding) == {"high spec/containers/0/command"} with input as samples.component("kubelet", ["--v=2"])
}

test_none if {
	rule.finding == set() with input as samples.component("kubelet", ["--read-only-port=0"])
	rule.finding == set() with input as samples.component("kubelet", ["--config=/var/lib/kubelet/config.yaml"])
	rule.finding == set() with input as samples.kubelet_file({"readOnlyPort": 0})
	rule.finding == set() with input as samples.kubelet_file({})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--read-only-port=10255"])
}
