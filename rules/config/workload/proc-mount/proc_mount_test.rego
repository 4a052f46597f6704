# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.proc_mount_test

import data.sealock.config.workload.proc_mount as rule
import data.sealock.lib.samples_test as samples

test_unmasked if {
	samples.marks(rule.finding) == {"high spec/template/spec/containers/0/securityContext/procMount"} with input as samples.context({"procMount": "Unmasked"})
}

test_with_users_of_its_own_it_matters_less if {
	doc := samples.pod({"hostUsers": false, "containers": [{"name": "build", "securityContext": {"procMount": "Unmasked"}}]})
	samples.marks(rule.finding) == {"low spec/containers/0/securityContext/procMount"} with input as doc
}

test_default_is_fine if {
	rule.finding == set() with input as samples.context({"procMount": "Default"})
}

test_absent_is_fine if {
	rule.finding == set() with input as samples.context({})
	rule.finding == set() with input as samples.context({"procMount": null})
}
