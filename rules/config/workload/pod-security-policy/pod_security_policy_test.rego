# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.pod_security_policy_test

import data.sealock.config.workload.pod_security_policy as rule
import data.sealock.lib.samples_test as samples

policy(spec) := samples.kube([samples.global(1, "policy/v1beta1", "PodSecurityPolicy", "p", {"spec": spec})])

restricted := {"privileged": false, "allowPrivilegeEscalation": false, "runAsUser": {"rule": "MustRunAsNonRoot"}, "volumes": ["configMap", "secret"]}

test_privileged if {
	samples.marks(rule.finding) == {"critical spec/privileged", "high spec/hostPID"} with input as policy(object.union(restricted, {"privileged": true, "hostPID": true}))
}

test_any_user_and_volume if {
	samples.marks(rule.finding) == {"medium spec/runAsUser", "medium spec/volumes/0", "medium spec/allowPrivilegeEscalation"} with input as policy({"runAsUser": {"rule": "RunAsAny"}, "volumes": ["*"]})
}

test_constraints_of_openshift if {
	doc := samples.kube([samples.global(1, "security.openshift.io/v1", "SecurityContextConstraints", "p", {"allowPrivilegedContainer": true, "runAsUser": {"type": "RunAsAny"}, "allowedCapabilities": ["*"]})])
	samples.marks(rule.finding) == {"critical allowPrivilegedContainer", "medium runAsUser", "high allowedCapabilities/0"} with input as doc
}

test_a_restricted_one if {
	rule.finding == set() with input as policy(restricted)
}

test_restricted_constraints if {
	rule.finding == set() with input as samples.kube([samples.global(1, "security.openshift.io/v1", "SecurityContextConstraints", "p", {"allowPrivilegedContainer": false, "runAsUser": {"type": "MustRunAsRange"}})])
}
