# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The default service account has no rights"
# description: "Every pod that names no account runs as default; rights of that account belong to all of them, now and later."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.5"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Authentication and authorization"
# custom:
#   id: rbac.default-account
#   severity: medium
#   remediation: "Make a service account for the workload that needs the role, and bind that."
#   zeroTrust: [Z10, Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.default_account

import data.sealock.lib.config_rbac as rbac

finding contains f if {
	some s in rbac.subjects
	default_account(s)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["name"]),
		"message": sprintf("the role %s is given to every pod that names no account", [s.role]), "found": s.name, "expected": "an account of the workload's own",
	}
}

default_account(s) if {
	s.kind == "ServiceAccount"
	s.name == "default"
}

default_account(s) if {
	s.kind == "User"
	regex.match(`^system:serviceaccount:[^:]+:default$`, s.name)
}
