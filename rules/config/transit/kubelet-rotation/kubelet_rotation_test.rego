# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.kubelet_rotation_test

import data.sealock.config.transit.kubelet_rotation as rule
import data.sealock.lib.samples_test as samples

test_switched_off if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kubelet", ["--rotate-certificates=false"])
	samples.marks(rule.finding) == {"medium rotateCertificates"} with input as samples.kubelet_file({"rotateCertificates": false})
}

test_not_said_in_a_file if {
	samples.marks(rule.finding) == {"medium rotateCertificates"} with input as samples.kubelet_file({})
}

test_switched_on if {
	rule.finding == set() with input as samples.component("kubelet", ["--rotate-certificates"])
	rule.finding == set() with input as samples.kubelet_file({"rotateCertificates": true})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--rotate-certificates=false"])
	rule.finding == set() with input as samples.component("kubelet", ["--v=2"])
}
