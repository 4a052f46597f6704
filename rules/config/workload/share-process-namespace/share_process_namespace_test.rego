# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.share_process_namespace_test

import data.sealock.config.workload.share_process_namespace as rule
import data.sealock.lib.samples_test as samples

test_shared if {
	samples.marks(rule.finding) == {"spec/template/spec/shareProcessNamespace"} with input as samples.deployment({"shareProcessNamespace": true, "containers": []})
}

test_in_a_pod if {
	samples.marks(rule.finding) == {"spec/shareProcessNamespace"} with input as samples.pod({"shareProcessNamespace": true, "containers": []})
}

test_false_is_fine if {
	rule.finding == set() with input as samples.deployment({"shareProcessNamespace": false, "containers": []})
}

test_absent_is_fine if {
	rule.finding == set() with input as samples.deployment({"containers": []})
}
