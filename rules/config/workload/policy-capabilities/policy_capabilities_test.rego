# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.policy_capabilities_test

import data.sealock.config.workload.policy_capabilities as rule
import data.sealock.lib.samples_test as samples

old(spec) := samples.kube([samples.global(1, "policy/v1beta1", "PodSecurityPolicy", "p", {"spec": spec})])

openshift(body) := samples.kube([samples.global(1, "security.openshift.io/v1", "SecurityContextConstraints", "p", body)])

test_added if {
	doc := old({"allowedCapabilities": ["NET_BIND_SERVICE", "SYS_ADMIN", "CHOWN"], "requiredDropCapabilities": ["NET_RAW"]})
	samples.marks(rule.finding) == {"high spec/allowedCapabilities/1", "medium spec/allowedCapabilities/2"} with input as doc
}

test_all_for_openshift if {
	samples.marks(rule.finding) == {"high allowedCapabilities/0"} with input as openshift({"allowedCapabilities": ["*"], "requiredDropCapabilities": ["ALL"]})
}

test_nothing_is_dropped if {
	samples.marks(rule.finding) == {"medium spec/requiredDropCapabilities"} with input as old({"requiredDropCapabilities": ["MKNOD"]})
	samples.marks(rule.finding) == {"medium spec/requiredDropCapabilities"} with input as old({})
}

test_all_are_dropped if {
	rule.finding == set() with input as old({"requiredDropCapabilities": ["ALL"], "allowedCapabilities": []})
	rule.finding == set() with input as openshift({"requiredDropCapabilities": ["ALL"], "allowedCapabilities": null})
}
