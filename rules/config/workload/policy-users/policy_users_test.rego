# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.policy_users_test

import data.sealock.config.workload.policy_users as rule
import data.sealock.lib.samples_test as samples

old(spec) := samples.kube([samples.global(1, "policy/v1beta1", "PodSecurityPolicy", "p", {"spec": spec})])

openshift(body) := samples.kube([samples.global(1, "security.openshift.io/v1", "SecurityContextConstraints", "p", body)])

test_any_user if {
	samples.marks(rule.finding) == {"medium spec/runAsUser/rule", "low spec/fsGroup/rule"} with input as old({"runAsUser": {"rule": "RunAsAny"}, "fsGroup": {"rule": "RunAsAny"}})
	samples.marks(rule.finding) == {"medium runAsUser/type"} with input as openshift({"runAsUser": {"type": "RunAsAny"}})
}

test_a_range_with_root if {
	doc := old({"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 0, "max": 65535}]}})
	samples.marks(rule.finding) == {"medium spec/runAsUser"} with input as doc
}

test_never_root if {
	rule.finding == set() with input as old({"runAsUser": {"rule": "MustRunAsNonRoot"}, "fsGroup": {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 65535}]}})
	rule.finding == set() with input as openshift({"runAsUser": {"type": "MustRunAsRange"}})
}

test_not_said if {
	rule.finding == set() with input as old({})
}
