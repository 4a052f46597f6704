# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.policy_kernel_test

import data.sealock.config.workload.policy_kernel as rule
import data.sealock.lib.samples_test as samples

old(spec) := samples.kube([samples.global(1, "policy/v1beta1", "PodSecurityPolicy", "p", {"spec": spec})])

openshift(body) := samples.kube([samples.global(1, "security.openshift.io/v1", "SecurityContextConstraints", "p", body)])

test_unmasked if {
	samples.marks(rule.finding) == {"high spec/allowedProcMountTypes/0"} with input as old({"allowedProcMountTypes": ["Unmasked"]})
}

test_sysctls if {
	samples.marks(rule.finding) == {"high spec/allowedUnsafeSysctls/0"} with input as old({"allowedUnsafeSysctls": ["kernel.msg*"]})
	samples.marks(rule.finding) == {"high allowedUnsafeSysctls/0"} with input as openshift({"allowedUnsafeSysctls": ["*"]})
}

test_default if {
	rule.finding == set() with input as old({"allowedProcMountTypes": ["Default"]})
}

test_not_said if {
	rule.finding == set() with input as old({})
	rule.finding == set() with input as openshift({"allowedUnsafeSysctls": null})
}
