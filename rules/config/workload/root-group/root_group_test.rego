# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.root_group_test

import data.sealock.config.workload.root_group as rule
import data.sealock.lib.samples_test as samples

test_the_containers_group if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/securityContext/runAsGroup"} with input as samples.context({"runAsGroup": 0})
}

test_the_pods_groups if {
	doc := samples.pod({"securityContext": {"fsGroup": 0, "supplementalGroups": [4000, 0]}, "containers": [{"name": "web"}]})
	samples.marks(rule.finding) == {"spec/securityContext/fsGroup", "spec/securityContext/supplementalGroups/1"} with input as doc
}

test_other_groups if {
	rule.finding == set() with input as samples.context({"runAsGroup": 3000})
	rule.finding == set() with input as samples.pod({"securityContext": {"fsGroup": 2000}, "containers": [{"name": "web"}]})
}

test_not_said if {
	rule.finding == set() with input as samples.one({})
	rule.finding == set() with input as samples.pod({"securityContext": null, "containers": [{"name": "web"}]})
}
