# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.policy_host_namespaces_test

import data.sealock.config.workload.policy_host_namespaces as rule
import data.sealock.lib.samples_test as samples

old(spec) := samples.kube([samples.global(1, "policy/v1beta1", "PodSecurityPolicy", "p", {"spec": spec})])

openshift(body) := samples.kube([samples.global(1, "security.openshift.io/v1", "SecurityContextConstraints", "p", body)])

test_shared if {
	samples.marks(rule.finding) == {"high spec/hostNetwork", "high spec/hostIPC"} with input as old({"hostNetwork": true, "hostIPC": true, "hostPID": false})
}

test_constraints_of_openshift if {
	samples.marks(rule.finding) == {"high allowHostPID"} with input as openshift({"allowHostPID": true})
}

test_not_shared if {
	rule.finding == set() with input as old({"hostNetwork": false, "hostIPC": false, "hostPID": false})
}

test_not_said if {
	rule.finding == set() with input as old({"privileged": true})
}
