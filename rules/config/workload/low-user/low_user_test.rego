# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.low_user_test

import data.sealock.config.workload.low_user as rule
import data.sealock.lib.samples_test as samples

test_a_user_of_the_node if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/securityContext/runAsUser"} with input as samples.context({"runAsUser": 101})
}

test_the_pods_user if {
	doc := samples.pod({"securityContext": {"runAsUser": 33}, "containers": [{"name": "web"}]})
	samples.marks(rule.finding) == {"spec/securityContext/runAsUser"} with input as doc
}

test_high_users_are_fine if {
	rule.finding == set() with input as samples.context({"runAsUser": 65532})
	rule.finding == set() with input as samples.context({"runAsUser": 10000})
}

test_root_has_a_rule_of_its_own if {
	rule.finding == set() with input as samples.context({"runAsUser": 0})
	rule.finding == set() with input as samples.one({})
}

test_users_of_its_own if {
	rule.finding == set() with input as samples.pod({"hostUsers": false, "containers": [{"name": "web", "securityContext": {"runAsUser": 101}}]})
}
