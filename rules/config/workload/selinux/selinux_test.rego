# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.selinux_test

import data.sealock.config.workload.selinux as rule
import data.sealock.lib.samples_test as samples

test_a_type_that_is_none_for_containers if {
	samples.marks(rule.finding) == {"spec/template/spec/containers/0/securityContext/seLinuxOptions/type"} with input as samples.context({"seLinuxOptions": {"type": "spc_t"}})
}

test_user_and_role_of_the_pod if {
	doc := samples.pod({"securityContext": {"seLinuxOptions": {"user": "system_u", "role": "system_r"}}, "containers": [{"name": "web"}]})
	samples.marks(rule.finding) == {"spec/securityContext/seLinuxOptions/user", "spec/securityContext/seLinuxOptions/role"} with input as doc
}

test_a_level_is_fine if {
	rule.finding == set() with input as samples.context({"seLinuxOptions": {"level": "s0:c123,c456"}})
}

test_types_for_containers_are_fine if {
	rule.finding == set() with input as samples.context({"seLinuxOptions": {"type": "container_t", "user": ""}})
	rule.finding == set() with input as samples.context({"seLinuxOptions": null})
}
