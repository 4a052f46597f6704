# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.privileged_test

import data.sealock.config.workload.privileged as rule
import data.sealock.lib.samples_test as samples

test_a_privileged_container if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/securityContext/privileged"} with input as samples.context({"privileged": true})
}

test_privileged_init_and_ephemeral_containers if {
	doc := samples.pod({
		"containers": [{"name": "web", "securityContext": {"privileged": false}}],
		"initContainers": [{"name": "sysctl", "securityContext": {"privileged": true}}],
		"ephemeralContainers": [{"name": "debug", "securityContext": {"privileged": "true"}}],
	})
	samples.marks(rule.finding) == {"spec/initContainers/0/securityContext/privileged", "spec/ephemeralContainers/0/securityContext/privileged"} with input as doc
}

test_in_a_cron_job if {
	doc := samples.kube([samples.workload(4, "CronJob", "clean", {"containers": [{"name": "clean", "securityContext": {"privileged": true}}]})])
	samples.marks(rule.finding) == {"spec/jobTemplate/spec/template/spec/containers/0/securityContext/privileged"} with input as doc
	samples.items(rule.finding) == {4} with input as doc
}

test_false_and_absent_are_fine if {
	rule.finding == set() with input as samples.context({"privileged": false})
	rule.finding == set() with input as samples.one({})
}

test_values_of_other_types_are_not_taken_for_true if {
	rule.finding == set() with input as samples.one({"securityContext": "privileged"})
	rule.finding == set() with input as samples.context({"privileged": null})
}
