# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.capabilities_dropped_test

import data.sealock.config.workload.capabilities_dropped as rule
import data.sealock.lib.samples_test as samples

test_no_security_context if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/securityContext/capabilities/drop"} with input as samples.one({})
}

test_some_dropped if {
	some f in rule.finding with input as samples.context({"capabilities": {"drop": ["NET_RAW", "MKNOD"]}})
	f.found == "only NET_RAW, MKNOD dropped"
}

test_init_containers_and_debug_containers_too if {
	doc := samples.pod({
		"containers": [{"name": "web", "securityContext": {"capabilities": {"drop": ["ALL"]}}}],
		"initContainers": [{"name": "copy"}], "ephemeralContainers": [{"name": "debug", "securityContext": {"capabilities": {"drop": []}}}],
	})
	count(rule.finding) == 2 with input as doc
}

test_all_dropped if {
	rule.finding == set() with input as samples.context({"capabilities": {"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}})
}

test_all_in_lower_case_works_too if {
	rule.finding == set() with input as samples.context({"capabilities": {"drop": ["all"]}})
}

test_windows_has_no_capabilities if {
	rule.finding == set() with input as samples.deployment({"os": {"name": "windows"}, "containers": [{"name": "web"}]})
}
