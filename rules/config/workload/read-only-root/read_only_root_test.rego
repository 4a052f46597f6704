# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.read_only_root_test

import data.sealock.config.workload.read_only_root as rule
import data.sealock.lib.samples_test as samples

test_absent if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem"} with input as samples.one({})
}

test_false if {
	count(rule.finding) == 1 with input as samples.context({"readOnlyRootFilesystem": false})
}

test_init_containers_too if {
	doc := samples.pod({"containers": [{"name": "web", "securityContext": {"readOnlyRootFilesystem": true}}], "initContainers": [{"name": "copy"}]})
	count(rule.finding) == 1 with input as doc
}

test_true_is_fine if {
	rule.finding == set() with input as samples.context({"readOnlyRootFilesystem": true})
}

test_windows_can_not if {
	rule.finding == set() with input as samples.pod({"os": {"name": "windows"}, "containers": [{"name": "web"}]})
}
