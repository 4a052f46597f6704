# SPDX-License-Identifier: Apache-2.0

package sealock.config.compose.capabilities_added_test

import data.sealock.config.compose.capabilities_added as rule
import data.sealock.lib.samples_test as samples

test_sys_admin if {
	samples.marks(rule.finding) == {"critical services/web/cap_add/0"} with input as samples.compose({"web": {"cap_add": ["SYS_ADMIN"]}})
}

test_all_and_net_admin if {
	samples.marks(rule.finding) == {"critical services/a/cap_add/0", "high services/b/cap_add/0"} with input as samples.compose({"a": {"cap_add": ["all"]}, "b": {"cap_add": ["CAP_NET_ADMIN"]}})
}

test_net_bind_service_is_fine if {
	rule.finding == set() with input as samples.compose({"web": {"cap_add": ["NET_BIND_SERVICE"], "cap_drop": ["ALL"]}})
}

test_less_than_usual_is_fine if {
	rule.finding == set() with input as samples.compose({"db": {"cap_drop": ["ALL"], "cap_add": ["CHOWN", "SETUID", "SETGID"]}, "x": {"cap_add": null}})
}
