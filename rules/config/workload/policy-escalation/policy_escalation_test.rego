# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.policy_escalation_test

import data.sealock.config.workload.policy_escalation as rule
import data.sealock.lib.samples_test as samples

old(spec) := samples.kube([samples.global(1, "policy/v1beta1", "PodSecurityPolicy", "p", {"spec": spec})])

openshift(body) := samples.kube([samples.global(1, "security.openshift.io/v1", "SecurityContextConstraints", "p", body)])

test_allowed if {
	samples.marks(rule.finding) == {"medium spec/allowPrivilegeEscalation"} with input as old({"allowPrivilegeEscalation": true})
}

test_by_default if {
	samples.marks(rule.finding) == {"medium spec/allowPrivilegeEscalation"} with input as old({"privileged": false})
}

test_constraints_of_openshift if {
	samples.marks(rule.finding) == {"medium allowPrivilegeEscalation"} with input as openshift({"allowPrivilegeEscalation": true})
	rule.finding == set() with input as openshift({"allowPrivilegeEscalation": false})
}

test_not_allowed if {
	rule.finding == set() with input as old({"allowPrivilegeEscalation": false})
}
