# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.network_write_test

import data.sealock.config.rbac.network_write as rule
import data.sealock.lib.samples_test as samples

role(kind, rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", kind, "operator", {"rules": rules})])

test_everywhere if {
	samples.marks(rule.finding) == {"medium rules/0/resources/1"} with input as role("ClusterRole", [{"apiGroups": ["networking.k8s.io"], "resources": ["ingressclasses", "networkpolicies"], "verbs": ["get", "deletecollection"]}])
}

test_in_one_namespace if {
	samples.marks(rule.finding) == {"low rules/0/resources/0"} with input as role("Role", [{"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["*"]}])
}

# Whoever writes the status of a service gives it the address of another, as externalIPs do.
test_addresses_in_the_status if {
	samples.marks(rule.finding) == {"medium rules/0/resources/0"} with input as role("ClusterRole", [{"apiGroups": [""], "resources": ["services/status"], "verbs": ["patch"]}])
}

test_reading_is_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "verbs": ["get", "list", "watch"]}])
}

test_by_name_is_fine if {
	rule.finding == set() with input as role("Role", [{"apiGroups": ["networking.k8s.io"], "resources": ["networkpolicies"], "resourceNames": ["web"], "verbs": ["create"]}])
}

test_other_resources_are_fine if {
	rule.finding == set() with input as role("ClusterRole", [{"apiGroups": ["networking.k8s.io"], "resources": ["ingressclasses"], "verbs": ["create"]}])
}
