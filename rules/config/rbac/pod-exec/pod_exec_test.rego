# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.pod_exec_test

import data.sealock.config.rbac.pod_exec as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_exec if {
	samples.marks(rule.finding) == {"high rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods", "pods/exec"], "verbs": ["create"]}])
}

test_get_is_enough if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("Role", [{"apiGroups": [""], "resources": ["pods/attach"], "verbs": ["get"]}])
}

test_every_exec_and_debug_containers if {
	doc := role("ClusterRole", [{"apiGroups": ["*"], "resources": ["*/exec"], "verbs": ["create"]}, {"apiGroups": [""], "resources": ["pods/ephemeralcontainers"], "verbs": ["patch"]}])
	samples.marks(rule.finding) == {"high rules/0/resources/0", "high rules/1/resources/0"} with input as doc
}

test_logs_and_status_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods/log", "pods/status", "pods/eviction"], "verbs": ["get", "create", "update"]}])
}

test_other_verbs_are_fine if {
	rule.finding == set() with input as role("Role", [{"apiGroups": [""], "resources": ["pods/exec"], "verbs": ["list"]}])
}
