# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.privilege_escalation_test

import data.sealock.config.workload.privilege_escalation as rule
import data.sealock.lib.samples_test as samples

test_true if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/securityContext/allowPrivilegeEscalation"} with input as samples.context({"allowPrivilegeEscalation": true})
}

test_absent if {
	some f in rule.finding with input as samples.one({})
	f.found == "allowPrivilegeEscalation is not set"
}

test_init_containers_too if {
	doc := samples.pod({"containers": [{"name": "web", "securityContext": {"allowPrivilegeEscalation": false}}], "initContainers": [{"name": "copy"}]})
	samples.marks(rule.finding) == {"spec/initContainers/0/securityContext/allowPrivilegeEscalation"} with input as doc
}

test_false_is_fine if {
	rule.finding == set() with input as samples.context({"allowPrivilegeEscalation": false})
}

test_windows_has_no_such_thing if {
	rule.finding == set() with input as samples.pod({"os": {"name": "windows"}, "containers": [{"name": "web"}]})
}
