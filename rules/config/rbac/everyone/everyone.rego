# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Rights are not given to everyone"
# description: "system:anonymous and system:unauthenticated are whoever reaches the API server; system:authenticated and system:serviceaccounts are everyone who has any account, of other teams and of taken-over pods too."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, hardening"
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 3.2.1 and 5.1.1"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Authentication and authorization"
# custom:
#   id: rbac.everyone
#   severity: high
#   remediation: "Name the users, groups or service accounts that need the role."
#   zeroTrust: [Z4, Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.everyone

import data.sealock.lib.config_rbac as rbac

anonymous := {"system:anonymous", "system:unauthenticated"}

everyone := {"system:authenticated", "system:authenticated:oauth", "system:serviceaccounts"}

# What Kubernetes itself shows to everyone.
public := {
	"system:public-info-viewer", "system:discovery", "system:basic-user", "system:service-account-issuer-discovery",
	"kubeadm:bootstrap-signer-clusterinfo",
}

finding contains f if {
	some s in rbac.subjects
	s.kind in {"User", "Group"}
	s.name in (anonymous | everyone)
	not s.role in public
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["name"]), "severity": severity(s),
		"message": sprintf("the role %s is given to %s", [s.role, who(s)]), "found": s.name, "expected": "named users, groups or service accounts",
	}
}

# The accounts of one namespace are everyone there, the default account too. OpenShift lets them pull each other's images.
finding contains f if {
	some s in rbac.subjects
	s.kind == "Group"
	startswith(s.name, "system:serviceaccounts:")
	not s.role in (public | {"system:image-puller"})
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["name"]), "severity": reach(s), "message": sprintf("the role %s is given to every service account of a namespace", [s.role]),
		"found": s.name, "expected": "named service accounts",
	}
}

reach(s) := "medium" if {
	s.item.kind == "ClusterRoleBinding"
} else := "low"

who(s) := "whoever reaches the API server, without a login" if {
	s.name in anonymous
} else := "every account there is"

severity(s) := "critical" if {
	s.name in anonymous
} else := "high" if {
	s.item.kind == "ClusterRoleBinding"
} else := "medium"
