# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.security_profiles_test

import data.sealock.config.compose.security_profiles as rule
import data.sealock.lib.samples_test as samples

options(list) := samples.compose({"web": {"security_opt": list}})

test_seccomp if {
	samples.marks(rule.finding) == {"services/web/security_opt/1"} with input as options(["no-new-privileges:true", "seccomp:unconfined"])
}

test_apparmor_with_an_equals_sign if {
	count(rule.finding) == 1 with input as options(["apparmor=unconfined"])
}

test_profiles_are_fine if {
	rule.finding == set() with input as options(["seccomp:./profile.json", "apparmor:docker-default", "label:type:svirt_t"])
}

test_none_are_fine if {
	rule.finding == set() with input as options([])
	rule.finding == set() with input as options(null)
}
