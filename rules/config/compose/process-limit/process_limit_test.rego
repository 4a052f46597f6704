# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.process_limit_test

import data.sealock.config.compose.process_limit as rule
import data.sealock.lib.samples_test as samples

test_nothing_said if {
	samples.marks(rule.finding) == {"services/web/deploy/resources/limits/pids"} with input as samples.compose({"web": {"image": "web", "mem_limit": "64m"}})
}

test_no_limit_in_so_many_words if {
	samples.marks(rule.finding) == {"services/web/pids_limit"} with input as samples.compose({"web": {"pids_limit": -1}})
}

test_a_limit if {
	rule.finding == set() with input as samples.compose({"web": {"deploy": {"resources": {"limits": {"pids": 100}}}}})
}

test_the_old_form if {
	rule.finding == set() with input as samples.compose({"web": {"pids_limit": 200}})
}
