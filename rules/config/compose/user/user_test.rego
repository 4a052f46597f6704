# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.user_test

import data.sealock.config.compose.user as rule
import data.sealock.lib.samples_test as samples

test_nothing_said if {
	samples.marks(rule.finding) == {"low services/web/user"} with input as samples.compose({"web": {"image": "nginx"}})
}

test_root_by_name_and_number if {
	samples.marks(rule.finding) == {"medium services/a/user", "medium services/b/user"} with input as samples.compose({"a": {"user": "root"}, "b": {"user": "0:0"}})
	samples.marks(rule.finding) == {"medium services/a/user"} with input as samples.compose({"a": {"user": 0, "build": "."}})
}

test_another_user_is_fine if {
	rule.finding == set() with input as samples.compose({"a": {"user": "1000:1000"}, "b": {"user": 65532}, "c": {"user": "${UID}:${GID}"}})
}

test_what_is_built_here_has_its_dockerfile if {
	rule.finding == set() with input as samples.compose({"a": {"build": "."}})
}
