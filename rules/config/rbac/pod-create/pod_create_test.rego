# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.pod_create_test

import data.sealock.config.rbac.pod_create as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_pods if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create", "delete"]}])
}

test_controllers_of_pods if {
	samples.marks(rule.finding) == {"medium rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": ["apps", "batch"], "resources": ["statefulsets/status", "deployments", "jobs"], "verbs": ["*"]}])
}

test_what_makes_pods_of_its_own if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": ["argoproj.io"], "resources": ["workflows"], "verbs": ["create"]}])
	samples.marks(rule.finding) == {"low rules/0/resources/1"} with input as role("Role", [{"apiGroups": ["tekton.dev"], "resources": ["tasks", "taskruns"], "verbs": ["create", "get"]}])
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["argoproj.io"], "resources": ["applications", "workflows/finalizers"], "verbs": ["update"]}])
}

test_in_one_namespace if {
	samples.marks(rule.finding) == {"low rules/0/resources/0"} with input as role("Role", [{"apiGroups": [""], "resources": ["pods"], "verbs": ["create"]}])
}

test_changing_what_runs if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": ["apps"], "resources": ["daemonsets"], "verbs": ["patch"]}])
	samples.marks(rule.finding) == {"low rules/0/resources/1"} with input as role("Role", [{"apiGroups": [""], "resources": ["services", "pods"], "verbs": ["get", "update"]}])
}

test_their_status_and_scale_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["apps"], "resources": ["deployments/status", "deployments/scale"], "verbs": ["update", "patch"]}])
}

test_reading_is_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": ["get", "list", "watch", "delete"]}])
}
