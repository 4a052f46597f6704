# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.read_only_test

import data.sealock.config.compose.read_only as rule
import data.sealock.lib.samples_test as samples

test_absent if {
	samples.marks(rule.finding) == {"services/web/read_only"} with input as samples.compose({"web": {"image": "web"}})
}

test_false if {
	count(rule.finding) == 1 with input as samples.compose({"web": {"read_only": false}})
}

test_true_is_fine if {
	rule.finding == set() with input as samples.compose({"web": {"read_only": true}})
}

test_as_text_is_fine if {
	rule.finding == set() with input as samples.compose({"web": {"read_only": "true", "tmpfs": ["/tmp"]}})
}
