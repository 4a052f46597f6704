# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.host_namespaces_test

import data.sealock.config.workload.host_namespaces as rule
import data.sealock.lib.samples_test as samples

test_each_namespace if {
	doc := samples.deployment({"hostNetwork": true, "hostPID": true, "hostIPC": true, "containers": [{"name": "web"}]})
	samples.marks(rule.finding) == {"spec/template/spec/hostNetwork", "spec/template/spec/hostPID", "spec/template/spec/hostIPC"} with input as doc
}

test_in_a_daemon_set if {
	doc := samples.kube([samples.workload(2, "DaemonSet", "agent", {"hostPID": true, "containers": [{"name": "agent"}]})])
	samples.marks(rule.finding) == {"spec/template/spec/hostPID"} with input as doc
}

test_false_is_fine if {
	rule.finding == set() with input as samples.deployment({"hostNetwork": false, "hostPID": false, "hostIPC": false, "containers": []})
}

test_absent_and_null_are_fine if {
	rule.finding == set() with input as samples.pod({"hostNetwork": null, "containers": [{"name": "web"}]})
}
