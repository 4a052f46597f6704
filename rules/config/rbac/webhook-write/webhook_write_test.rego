# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.webhook_write_test

import data.sealock.config.rbac.webhook_write as rule
import data.sealock.lib.samples_test as samples

role(rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", "ClusterRole", "operator", {"rules": rules})])

test_create if {
	samples.marks(rule.finding) == {"rules/0/resources/0"} with input as role([{"apiGroups": ["admissionregistration.k8s.io"], "resources": ["mutatingwebhookconfigurations"], "verbs": ["create"]}])
}

test_patch if {
	samples.marks(rule.finding) == {"rules/0/resources/1"} with input as role([{"apiGroups": ["admissionregistration.k8s.io"], "resources": ["x", "validatingwebhookconfigurations"], "verbs": ["patch"]}])
}

test_delete if {
	samples.marks(rule.finding) == {"rules/0/resources/0"} with input as role([{"apiGroups": ["admissionregistration.k8s.io"], "resources": ["validatingadmissionpolicybindings"], "verbs": ["delete"]}])
}

test_named_is_fine if {
	rule.finding == set() with input as role([{"apiGroups": ["admissionregistration.k8s.io"], "resources": ["mutatingwebhookconfigurations"], "verbs": ["patch"], "resourceNames": ["mine"]}])
}

test_reading_is_fine if {
	rule.finding == set() with input as role([{"apiGroups": ["admissionregistration.k8s.io"], "resources": ["mutatingwebhookconfigurations"], "verbs": ["get", "list", "watch"]}])
}
