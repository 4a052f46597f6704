# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.run_as_root_test

import data.sealock.config.workload.run_as_root as rule
import data.sealock.lib.samples_test as samples

test_a_container if {
	samples.marks(rule.finding) == {"high spec/template/spec/containers/0/securityContext/runAsUser"} with input as samples.context({"runAsUser": 0})
}

test_the_pod if {
	doc := samples.pod({"securityContext": {"runAsUser": 0}, "containers": [{"name": "web"}]})
	samples.marks(rule.finding) == {"high spec/securityContext/runAsUser"} with input as doc
}

test_the_pod_while_all_containers_say_otherwise if {
	doc := samples.pod({"securityContext": {"runAsUser": 0}, "containers": [{"name": "web", "securityContext": {"runAsUser": 1000}}]})
	samples.marks(rule.finding) == {"low spec/securityContext/runAsUser"} with input as doc
}

test_with_users_of_its_own if {
	doc := samples.pod({"hostUsers": false, "containers": [{"name": "web", "securityContext": {"runAsUser": 0}}]})
	samples.marks(rule.finding) == {"low spec/containers/0/securityContext/runAsUser"} with input as doc
}

test_other_users_are_fine if {
	rule.finding == set() with input as samples.context({"runAsUser": 65532})
}

test_no_user_is_another_rules_matter if {
	rule.finding == set() with input as samples.one({})
	rule.finding == set() with input as samples.context({"runAsUser": null})
}
