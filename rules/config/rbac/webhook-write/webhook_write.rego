# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not write or delete admission webhooks and policies at large"
# description: "A webhook sees every object that is sent to the API server, secrets too, and can change it or keep it out; without it, nothing checks what it checked."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.12"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, control admission webhooks"
# custom:
#   id: rbac.webhook-write
#   severity: medium
#   remediation: "Name the configurations with resourceNames."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.webhook_write

import data.sealock.lib.config_rbac as rbac

resources := {
	"mutatingwebhookconfigurations", "validatingwebhookconfigurations", "mutatingadmissionpolicies", "validatingadmissionpolicies",
	"validatingadmissionpolicybindings", "mutatingadmissionpolicybindings",
}

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := rbac.hits(g, "admissionregistration.k8s.io", resources, {"create", "update", "patch", "delete", "deletecollection"})
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, places), "message": sprintf("the role %s lets its holders %s every admission webhook or policy", [g.item.name, verb(g)]),
		"found": rbac.told(g), "expected": "resourceNames, or get, list and watch at most",
	}
}

verb(g) := "write" if {
	rbac.may(g, {"create", "update", "patch"})
} else := "delete"
