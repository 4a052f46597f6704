# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.host_process_test

import data.sealock.config.workload.host_process as rule
import data.sealock.lib.samples_test as samples

test_for_the_pod if {
	doc := samples.pod({"securityContext": {"windowsOptions": {"hostProcess": true}}, "hostNetwork": true, "containers": [{"name": "agent"}]})
	samples.marks(rule.finding) == {"spec/securityContext/windowsOptions/hostProcess"} with input as doc
}

test_for_a_container if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/securityContext/windowsOptions/hostProcess"} with input as samples.context({"windowsOptions": {"hostProcess": true}})
}

test_false_is_fine if {
	rule.finding == set() with input as samples.context({"windowsOptions": {"hostProcess": false}})
}

test_other_options_are_fine if {
	rule.finding == set() with input as samples.pod({"os": {"name": "windows"}, "securityContext": {"windowsOptions": {"runAsUserName": "ContainerUser"}}, "containers": [{"name": "web"}]})
}
