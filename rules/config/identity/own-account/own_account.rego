# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Each workload has a service account of its own"
# description: "Rights and certificates belong to the service account: two workloads with one account can't be told apart by RBAC, by the mesh or in the audit log."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.5"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.1 Service identities"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Authentication and authorization"
# custom:
#   id: identity.own-account
#   severity: low
#   remediation: "Make a ServiceAccount for each workload, and name it in serviceAccountName."
#   zeroTrust: [Z10, Z13]
#   kinds: [kubernetes]
package sealock.config.identity.own_account

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

# holders is each workload beside its account. The same workload in two overlays, or in two forms, is one.
holders := [{"account": account_of(w), "name": w.name} | some w in config.workloads; pods.account(w) != "default"]

account_of(w) := sprintf("%s/%s", [w.namespace, pods.account(w)])

# OPA makes an index for a comprehension in a comprehension: the workloads are gone through once, and not for each account.
first := {a: min(names) |
	some a in accounts
	names := [h.name | some h in holders; a == h.account]
}

accounts := {h.account | some h in holders}

finding contains f if {
	some w in config.workloads
	account := pods.account(w)
	account != "default"
	holder := first[account_of(w)]
	holder != w.name
	f := {
		"item": w.id, "path": pods.spec_path(w, ["serviceAccountName"]),
		"message": sprintf("%s shares the service account %s with %s", [w.name, account, holder]), "found": account,
		"expected": "an account of its own",
	}
}

finding contains f if {
	some w in config.workloads
	pods.account(w) == "default"
	not pods.described(w)
	not w.id in control.static_pods
	f := {
		"item": w.id, "path": pods.spec_path(w, ["serviceAccountName"]),
		"message": sprintf("%s has the service account of every pod that names none", [w.name]), "found": "default", "expected": "an account of its own",
	}
}
