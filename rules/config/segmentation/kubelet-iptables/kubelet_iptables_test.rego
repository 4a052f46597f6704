# SPDX-License-Identifier: Apache-2.0

package sealock.config.segmentation.kubelet_iptables_test

import data.sealock.config.segmentation.kubelet_iptables as rule
import data.sealock.lib.samples_test as samples

test_switched_off if {
	samples.marks(rule.finding) == {"medium spec/containers/0/command/1"} with input as samples.component("kubelet", ["--make-iptables-util-chains=false"])
}

test_switched_off_in_a_file if {
	samples.marks(rule.finding) == {"medium makeIPTablesUtilChains"} with input as samples.kubelet_file({"makeIPTablesUtilChains": false})
}

test_not_said if {
	rule.finding == set() with input as samples.kubelet_file({})
	rule.finding == set() with input as samples.component("kubelet", ["--config=/var/lib/kubelet/config.yaml"])
}

test_switched_on if {
	rule.finding == set() with input as samples.component("kubelet", ["--make-iptables-util-chains=true"])
	rule.finding == set() with input as samples.kubelet_file({"makeIPTablesUtilChains": true})
}

test_other_programs if {
	rule.finding == set() with input as samples.component("web", ["--make-iptables-util-chains=false"])
}
