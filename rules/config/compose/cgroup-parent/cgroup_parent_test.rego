# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.cgroup_parent_test

import data.sealock.config.compose.cgroup_parent as rule
import data.sealock.lib.samples_test as samples

test_another_group if {
	samples.marks(rule.finding) == {"services/web/cgroup_parent"} with input as samples.compose({"web": {"cgroup_parent": "batch.slice"}})
}

test_one_of_two if {
	count(rule.finding) == 1 with input as samples.compose({"web": {"cgroup_parent": "/"}, "db": {"image": "db"}})
}

test_none if {
	rule.finding == set() with input as samples.compose({"web": {"image": "web"}})
}

test_nothing_in_it if {
	rule.finding == set() with input as samples.compose({"web": {"cgroup_parent": null}})
}
