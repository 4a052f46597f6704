# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Only workloads that call the API server have a token for it"
# description: "Without a word, every container finds a token of its service account; whoever gets in can ask the API server with it."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.6"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Authentication and authorization"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K06 Broken authentication mechanisms"
# custom:
#   id: identity.token-automount
#   severity: medium
#   remediation: "Write automountServiceAccountToken: false in the pod's spec or in the ServiceAccount."
#   zeroTrust: [Z10, Z13]
#   kinds: [kubernetes]
package sealock.config.identity.token_automount

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_rbac as rbac
import data.sealock.lib.config_workload as pods

# Accounts that some manifest gives rights to need their token.
finding contains f if {
	some w in config.workloads
	mounted(w)
	not pods.described(w)
	not rbac.holds(w, pods.account(w))
	f := {
		"item": w.id, "path": pods.spec_path(w, ["automountServiceAccountToken"]),
		"message": sprintf("%s gets a token for the API server, and nothing shows that it needs one", [w.name]), "found": told(w),
		"expected": "automountServiceAccountToken: false", "fix": "automountServiceAccountToken: false",
	}
}

said(w) := pods.at(w.pod.spec, ["automountServiceAccountToken"], null)

# The pod's word counts; only if it says nothing, the account's.
mounted(w) if config.truthy(said(w))

mounted(w) if {
	said(w) == null
	not withheld(w)
	not w.id in control.static_pods
}

withheld(w) if {
	some a in pods.of_kind({"ServiceAccount"})
	a.name == pods.account(w)
	a.namespace == w.namespace
	config.falsy(pods.at(a.object, ["automountServiceAccountToken"], null))
}

told(w) := "automountServiceAccountToken is not set, neither by the pod nor by its account" if {
	said(w) == null
} else := "automountServiceAccountToken: true"

finding contains f if {
	some a in pods.of_kind({"ServiceAccount"})
	a.group == ""
	a.name == "default"
	not config.falsy(pods.at(a.object, ["automountServiceAccountToken"], null))
	f := {
		"item": a.id, "path": ["automountServiceAccountToken"], "severity": "low",
		"message": "every pod that names no account gets a token for the API server", "found": "automountServiceAccountToken is not false",
		"expected": "automountServiceAccountToken: false",
	}
}
