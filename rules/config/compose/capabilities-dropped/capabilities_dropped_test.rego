# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.capabilities_dropped_test

import data.sealock.config.compose.capabilities_dropped as rule
import data.sealock.lib.samples_test as samples

test_nothing_said if {
	samples.marks(rule.finding) == {"services/web/cap_drop"} with input as samples.compose({"web": {"image": "web"}})
}

test_some_dropped if {
	count(rule.finding) == 1 with input as samples.compose({"web": {"cap_drop": ["NET_RAW"]}})
}

test_all_dropped if {
	rule.finding == set() with input as samples.compose({"web": {"cap_drop": ["ALL"]}})
}

test_privileged_has_a_rule_of_its_own if {
	rule.finding == set() with input as samples.compose({"web": {"privileged": true}})
}
