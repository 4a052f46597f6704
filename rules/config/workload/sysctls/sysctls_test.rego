# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.sysctls_test

import data.sealock.config.workload.sysctls as rule
import data.sealock.lib.samples_test as samples

set_to(names) := samples.deployment({"containers": [{"name": "web"}], "securityContext": {"sysctls": [{"name": n, "value": "1"} | some n in names]}})

test_an_unsafe_one if {
	samples.marks(rule.finding) == {"spec/template/spec/securityContext/sysctls/1/name"} with input as set_to(["net.ipv4.tcp_syncookies", "kernel.msgmax"])
}

test_each_is_told if {
	count(rule.finding) == 2 with input as set_to(["net.core.somaxconn", "vm.max_map_count"])
}

test_safe_ones_are_fine if {
	rule.finding == set() with input as set_to(["kernel.shm_rmid_forced", "net.ipv4.ip_unprivileged_port_start", "net/ipv4/tcp_rmem"])
}

test_none_are_fine if {
	rule.finding == set() with input as set_to([])
	rule.finding == set() with input as samples.deployment({"containers": [{"name": "web"}], "securityContext": {"sysctls": null}})
}

test_further_settings_in_a_value if {
	doc := samples.pod({"containers": [], "securityContext": {"sysctls": [{"name": "kernel.shm_rmid_forced", "value": "1+kernel.core_pattern=|/shop"}]}})
	samples.marks(rule.finding) == {"critical spec/securityContext/sysctls/0/value"} with input as doc
}
