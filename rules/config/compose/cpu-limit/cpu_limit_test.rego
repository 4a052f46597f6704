# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.cpu_limit_test

import data.sealock.config.compose.cpu_limit as rule
import data.sealock.lib.samples_test as samples

test_nothing_said if {
	samples.marks(rule.finding) == {"services/web/deploy/resources/limits/cpus"} with input as samples.compose({"web": {"image": "web"}})
}

test_only_a_reservation if {
	count(rule.finding) == 1 with input as samples.compose({"web": {"deploy": {"resources": {"reservations": {"cpus": "1"}, "limits": {"memory": "64M"}}}}})
}

test_a_limit if {
	rule.finding == set() with input as samples.compose({"web": {"deploy": {"resources": {"limits": {"cpus": "0.5"}}}}})
}

test_the_old_form if {
	rule.finding == set() with input as samples.compose({"web": {"cpus": 0.25}, "db": {"cpu_quota": 50000}})
}
