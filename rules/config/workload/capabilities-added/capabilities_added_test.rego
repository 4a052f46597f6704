# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.capabilities_added_test

import data.sealock.config.workload.capabilities_added as rule
import data.sealock.lib.samples_test as samples

test_sys_admin_is_critical if {
	samples.marks(rule.finding) == {"critical spec/template/spec/containers/0/securityContext/capabilities/add/0"} with input as samples.context({"capabilities": {"add": ["SYS_ADMIN"], "drop": ["ALL"]}})
}

test_names_with_a_prefix_and_in_lower_case if {
	samples.marks(rule.finding) == {
		"critical spec/template/spec/containers/0/securityContext/capabilities/add/0",
		"high spec/template/spec/containers/0/securityContext/capabilities/add/1",
	} with input as samples.context({"capabilities": {"add": ["CAP_SYS_ADMIN", "net_raw", "cap_net_bind_service"]}})
}

test_an_ordinary_one_is_low if {
	samples.marks(rule.finding) == {"low spec/template/spec/containers/0/securityContext/capabilities/add/0"} with input as samples.context({"capabilities": {"add": ["CHOWN"], "drop": ["ALL"]}})
}

test_a_number_is_no_capability_that_is_allowed if {
	count(rule.finding) == 1 with input as samples.context({"capabilities": {"add": [12]}})
}

test_net_bind_service_is_fine if {
	rule.finding == set() with input as samples.context({"capabilities": {"add": ["NET_BIND_SERVICE"], "drop": ["ALL"]}})
}

test_nothing_added_is_fine if {
	rule.finding == set() with input as samples.context({"capabilities": {"add": [], "drop": ["ALL"]}})
	rule.finding == set() with input as samples.context({"capabilities": {"add": null}})
}

test_windows_has_no_capabilities if {
	rule.finding == set() with input as samples.pod({"os": {"name": "windows"}, "containers": [{"name": "web", "securityContext": {"capabilities": {"add": ["SYS_ADMIN"]}}}]})
}
