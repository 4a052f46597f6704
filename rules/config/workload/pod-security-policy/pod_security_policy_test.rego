# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.pod_security_policy_test

import data.sealock.config.workload.pod_security_policy as rule
import data.sealock.lib.samples_test as samples

old(spec) := samples.kube([samples.global(1, "policy/v1beta1", "PodSecurityPolicy", "p", {"spec": spec})])

openshift(body) := samples.kube([samples.global(1, "security.openshift.io/v1", "SecurityContextConstraints", "p", body)])

test_privileged if {
	samples.marks(rule.finding) == {"critical spec/privileged"} with input as old({"privileged": true, "hostPID": true})
}

test_constraints_of_openshift if {
	samples.marks(rule.finding) == {"critical allowPrivilegedContainer"} with input as openshift({"allowPrivilegedContainer": true})
}

test_not_privileged if {
	rule.finding == set() with input as old({"privileged": false})
	rule.finding == set() with input as openshift({"allowPrivilegedContainer": false})
}

test_not_said if {
	rule.finding == set() with input as old({})
}
