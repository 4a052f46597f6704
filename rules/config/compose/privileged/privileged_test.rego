# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.privileged_test

import data.sealock.config.compose.privileged as rule
import data.sealock.lib.samples_test as samples

test_privileged if {
	samples.marks(rule.finding) == {"services/web/privileged"} with input as samples.compose({"web": {"image": "web", "privileged": true}})
}

test_as_text if {
	count(rule.finding) == 1 with input as samples.compose({"web": {"privileged": "true"}, "db": {"privileged": false}})
}

test_other_words if {
	every v in ["yes", "Y", "on", "${PRIVILEGED:-true}", "${PRIVILEGED-yes}"] {
		count(rule.finding) == 1 with input as samples.compose({"web": {"privileged": v}})
	}
	every v in ["no", "off", "", "${PRIVILEGED:-false}", "${PRIVILEGED}", 7, null, ["yes"]] {
		rule.finding == set() with input as samples.compose({"web": {"privileged": v}})
	}
}

test_false_is_fine if {
	rule.finding == set() with input as samples.compose({"web": {"privileged": false}})
}

test_absent_is_fine if {
	rule.finding == set() with input as samples.compose({"web": {"image": "web"}, "db": {}})
}
