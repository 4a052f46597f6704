# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.kernel_defaults_test

import data.sealock.config.workload.kernel_defaults as rule
import data.sealock.lib.samples_test as samples

test_switched_off if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kubelet", ["--protect-kernel-defaults=false"])
}

test_switched_off_in_a_file if {
	samples.marks(rule.finding) == {"medium protectKernelDefaults"} with input as samples.kubelet_file({"protectKernelDefaults": false})
}

test_not_said if {
	samples.marks(rule.finding) == {"low protectKernelDefaults"} with input as samples.kubelet_file({})
	rule.finding == set() with input as samples.component("kubelet", ["--config=/var/lib/kubelet/config.yaml"])
}

test_switched_on if {
	rule.finding == set() with input as samples.component("kubelet", ["--protect-kernel-defaults=true"])
	rule.finding == set() with input as samples.kubelet_file({"protectKernelDefaults": true})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--protect-kernel-defaults=false"])
}
