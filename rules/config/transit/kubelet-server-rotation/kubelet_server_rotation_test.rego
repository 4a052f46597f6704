# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.kubelet_server_rotation_test

import data.sealock.config.transit.kubelet_server_rotation as rule
import data.sealock.lib.samples_test as samples

test_gates if {
	doc := samples.component("kube-controller-manager", ["--feature-gates=A=true,RotateKubeletServerCertificate=false"])
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as doc
	file := samples.kubelet_file({"featureGates": {"RotateKubeletServerCertificate": false}})
	samples.marks(rule.finding) == {"medium featureGates/RotateKubeletServerCertificate"} with input as file
}

test_a_flag if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kubelet", ["--rotate-server-certificates=false"])
}

test_switched_on if {
	rule.finding == set() with input as samples.component("kubelet", ["--feature-gates=RotateKubeletServerCertificate=true"])
	rule.finding == set() with input as samples.kubelet_file({"featureGates": {"RotateKubeletServerCertificate": true}})
}

test_not_said if {
	rule.finding == set() with input as samples.kubelet_file({})
	rule.finding == set() with input as samples.component("kubelet", ["--v=2"])
}
