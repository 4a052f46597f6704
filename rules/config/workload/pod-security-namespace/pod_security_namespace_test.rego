# SPDX-License-Identifier: Apache-2.0

package sealock.config.workload.pod_security_namespace_test

import data.sealock.config.workload.pod_security_namespace as rule
import data.sealock.lib.samples_test as samples

namespace(name, labels) := samples.kube([samples.global(1, "v1", "Namespace", name, {"metadata": {"labels": labels}})])

test_no_label if {
	samples.marks(rule.finding) == {"low metadata/labels/pod-security.kubernetes.io/enforce"} with input as namespace("shop", {})
}

test_privileged_and_misspelt if {
	samples.marks(rule.finding) == {"medium metadata/labels/pod-security.kubernetes.io/enforce"} with input as namespace("shop", {"pod-security.kubernetes.io/enforce": "privileged"})
	count(rule.finding) == 1 with input as namespace("shop", {"pod-security.kubernetes.io/enforce": "strict"})
}

test_only_a_warning if {
	count(rule.finding) == 1 with input as namespace("shop", {"pod-security.kubernetes.io/warn": "restricted"})
}

test_restricted_and_baseline_are_fine if {
	rule.finding == set() with input as namespace("shop", {"pod-security.kubernetes.io/enforce": "restricted"})
	rule.finding == set() with input as namespace("shop", {"pod-security.kubernetes.io/enforce": "baseline"})
}

test_the_clusters_own_namespaces if {
	rule.finding == set() with input as namespace("kube-system", {})
}
