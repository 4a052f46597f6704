# SPDX-License-Identifier: Apache-2.0

package sealock.config.identity.admission_fail_open_test

import data.sealock.config.identity.admission_fail_open as rule
import data.sealock.lib.samples_test as samples

hooks(kind, api, hook) := samples.kube([samples.global(1, api, kind, "guard", {"webhooks": [{"name": "other.example.com", "failurePolicy": "Fail"}, object.union({"name": "guard.example.com"}, hook)]})])

v1 := "admissionregistration.k8s.io/v1"

on(resources) := {"failurePolicy": "Ignore", "rules": [{"apiGroups": ["*"], "operations": ["CREATE"], "resources": resources}]}

test_a_check_of_pods if {
	samples.marks(rule.finding) == {"medium webhooks/1/failurePolicy"} with input as hooks("ValidatingWebhookConfiguration", v1, on(["services", "pods"]))
	samples.marks(rule.finding) == {"medium webhooks/1/failurePolicy"} with input as hooks("ValidatingWebhookConfiguration", v1, on(["*"]))
}

test_the_objects_of_an_operator if {
	samples.marks(rule.finding) == {"low webhooks/1/failurePolicy"} with input as hooks("ValidatingWebhookConfiguration", v1, on(["certificates"]))
	own := {"failurePolicy": "Ignore", "rules": [{"apiGroups": ["fleet.example.com"], "operations": ["*"], "resources": ["*"]}]}
	samples.marks(rule.finding) == {"low webhooks/1/failurePolicy"} with input as hooks("ValidatingWebhookConfiguration", v1, own)
}

test_a_webhook_that_changes_objects if {
	samples.marks(rule.finding) == {"low webhooks/1/failurePolicy"} with input as hooks("MutatingWebhookConfiguration", v1, on(["pods"]))
}

policy(v) := samples.kube([samples.global(1, v1, "ValidatingAdmissionPolicy", "digests", {"spec": {"failurePolicy": v}})])

test_a_policy if {
	samples.marks(rule.finding) == {"spec/failurePolicy"} with input as policy("Ignore")
	rule.finding == set() with input as policy("Fail")
}

test_nothing_said if {
	rule.finding == set() with input as hooks("ValidatingWebhookConfiguration", v1, {})
	count(rule.finding) == 1 with input as hooks("ValidatingWebhookConfiguration", "admissionregistration.k8s.io/v1beta1", {})
}

test_refusing_is_fine if {
	rule.finding == set() with input as hooks("ValidatingWebhookConfiguration", v1, {"failurePolicy": "Fail", "rules": [{"resources": ["pods"]}]})
	rule.finding == set() with input as hooks("MutatingWebhookConfiguration", v1, {"failurePolicy": "Fail"})
}
