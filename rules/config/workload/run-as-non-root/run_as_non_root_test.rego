# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.run_as_non_root_test

import data.sealock.config.workload.run_as_non_root as rule
import data.sealock.lib.samples_test as samples

test_nothing_said if {
	samples.marks(rule.finding) == {"medium spec/template/spec/containers/0/securityContext/runAsNonRoot"} with input as samples.one({})
}

test_a_container_overrides_its_pod if {
	doc := samples.pod({"securityContext": {"runAsNonRoot": true}, "containers": [{"name": "web"}, {"name": "db", "securityContext": {"runAsNonRoot": false}}]})
	samples.marks(rule.finding) == {"medium spec/containers/1/securityContext/runAsNonRoot"} with input as doc
}

test_the_pod_says_false if {
	doc := samples.pod({"securityContext": {"runAsNonRoot": false}, "containers": [{"name": "web"}]})
	samples.marks(rule.finding) == {"medium spec/securityContext/runAsNonRoot"} with input as doc
}

test_a_user_by_number_makes_it_less_bad if {
	samples.marks(rule.finding) == {"low spec/template/spec/containers/0/securityContext/runAsNonRoot"} with input as samples.context({"runAsUser": 1000})
}

test_inherited_from_the_pod if {
	rule.finding == set() with input as samples.pod({"securityContext": {"runAsNonRoot": true}, "containers": [{"name": "web"}], "initContainers": [{"name": "copy"}]})
}

test_set_by_each_container if {
	rule.finding == set() with input as samples.context({"runAsNonRoot": true})
}

test_root_by_number_is_told_by_another_rule if {
	rule.finding == set() with input as samples.context({"runAsUser": 0})
}
