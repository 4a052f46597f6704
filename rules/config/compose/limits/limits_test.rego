# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.limits_test

import data.sealock.config.compose.limits as rule
import data.sealock.lib.samples_test as samples

test_nothing_said if {
	samples.marks(rule.finding) == {"services/web/deploy/resources/limits/memory"} with input as samples.compose({"web": {"image": "web"}})
}

test_only_a_reservation if {
	count(rule.finding) == 1 with input as samples.compose({"web": {"deploy": {"resources": {"reservations": {"memory": "64M"}, "limits": {"cpus": "1"}}}}})
}

test_a_limit if {
	rule.finding == set() with input as samples.compose({"web": {"deploy": {"resources": {"limits": {"memory": "256M"}}}}})
}

test_the_old_form if {
	rule.finding == set() with input as samples.compose({"web": {"mem_limit": "256m"}})
}
