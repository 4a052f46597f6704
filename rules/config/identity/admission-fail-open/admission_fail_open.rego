# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Admission that can't be asked refuses"
# description: "With failurePolicy Ignore an object gets in unchecked whenever the webhook or policy gives no answer: whoever overloads it, or is quick while it restarts, is past it."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/cluster-administration/admission-webhooks-good-practices/
#   description: "Kubernetes, good practices for admission webhooks"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-24 and SI-17"
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: "NIST SP 800-190, 4.3.1"
# custom:
#   id: identity.admission-fail-open
#   severity: medium
#   remediation: "Set failurePolicy: Fail, several replicas for the webhook, and a namespaceSelector that leaves its own namespace out."
#   zeroTrust: [Z4]
#   kinds: [kubernetes]
package sealock.config.identity.admission_fail_open

import data.sealock.lib.config_workload as pods

finding contains f if {
	some w in pods.of_kind({"ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"})
	w.group == "admissionregistration.k8s.io"
	some i, hook in pods.list(w.object, ["webhooks"])
	open(w, hook)
	f := {
		"item": w.id, "path": ["webhooks", i, "failurePolicy"], "severity": severity(w, hook),
		"message": sprintf("objects get in unchecked while the webhook %v gives no answer", [pods.at(hook, ["name"], w.name)]), "found": "failurePolicy: Ignore",
		"expected": "failurePolicy: Fail",
	}
}

finding contains f if {
	some p in pods.of_kind({"ValidatingAdmissionPolicy"})
	p.group == "admissionregistration.k8s.io"
	pods.at(p.object, ["spec", "failurePolicy"], "Fail") == "Ignore"
	f := {
		"item": p.id, "path": ["spec", "failurePolicy"], "message": sprintf("objects get in unchecked when the policy %s fails", [p.name]),
		"found": "failurePolicy: Ignore", "expected": "failurePolicy: Fail",
	}
}

open(_, hook) if pods.at(hook, ["failurePolicy"], "") == "Ignore"

# The first version of the interface ignored failures where nothing was said.
open(w, hook) if {
	w.version == "v1beta1"
	pods.at(hook, ["failurePolicy"], null) == null
}

# What checks pods, roles or everything is a gate; a webhook for the objects of one operator is a convenience.
severity(w, hook) := "medium" if {
	w.kind == "ValidatingWebhookConfiguration"
	some rule in pods.list(hook, ["rules"])
	some group in pods.list(rule, ["apiGroups"])
	group in {"", "*", "apps", "batch", "rbac.authorization.k8s.io", "networking.k8s.io"}
	some r in pods.list(rule, ["resources"])
	guarded(r)
} else := "low"

guarded(r) if r in {"*", "*/*", "pods", "pods/exec", "deployments", "daemonsets", "statefulsets", "jobs", "cronjobs", "secrets", "roles", "clusterroles", "rolebindings", "clusterrolebindings", "namespaces", "ingresses", "services"}
