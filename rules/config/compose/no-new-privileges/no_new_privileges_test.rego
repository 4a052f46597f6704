# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.no_new_privileges_test

import data.sealock.config.compose.no_new_privileges as rule
import data.sealock.lib.samples_test as samples

test_nothing_said if {
	samples.marks(rule.finding) == {"services/web/security_opt"} with input as samples.compose({"web": {"image": "web"}})
}

test_other_options if {
	count(rule.finding) == 1 with input as samples.compose({"web": {"security_opt": ["seccomp:./p.json"]}})
}

test_set if {
	rule.finding == set() with input as samples.compose({"web": {"security_opt": ["no-new-privileges:true"]}, "b": {"security_opt": ["no-new-privileges=true"]}})
}

test_the_short_form if {
	rule.finding == set() with input as samples.compose({"web": {"security_opt": ["no-new-privileges"]}})
}

test_switched_off if {
	samples.marks(rule.finding) == {"medium services/web/security_opt/0"} with input as samples.compose({"web": {"security_opt": ["no-new-privileges=false"]}})
}
