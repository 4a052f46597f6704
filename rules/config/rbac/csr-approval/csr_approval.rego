# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not approve certificates of the cluster"
# description: "Who approves certificate requests for the API server's signers can have a client certificate for any user, system:masters among the groups."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.11"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, CSRs and certificate issuing"
# custom:
#   id: rbac.csr-approval
#   severity: high
#   remediation: "Limit the signers with resourceNames to those that are yours."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.csr_approval

import data.sealock.lib.config_rbac as rbac

group := "certificates.k8s.io"

approval(g) := rbac.hits(g, group, {"certificatesigningrequests/approval"}, {"update", "patch"})

finding contains f if {
	some g in rbac.grants
	places := approval(g)
	count(places) > 0
	not own_signers(g.item.id)
	f := found(g, places, "approve certificate requests")
}

finding contains f if {
	some g in rbac.grants
	places := rbac.hits(g, group, {"signers"}, {"approve", "sign", "attest"})
	count(places) > 0
	clusters(g.names)
	f := found(g, places, "act for the signers of the cluster")
}

# own_signers(id) if the role that approves may do so for signers of its own only.
own_signers(id) if {
	signers := [g | some g in rbac.grants; g.item.id == id; "signers" in g.resources]
	count(signers) > 0
	every g in signers {
		not clusters(g.names)
	}
}

clusters(names) if count(names) == 0

clusters(names) if {
	some n in names
	startswith(n, "kubernetes.io/")
}

clusters(names) if "*" in names

found(g, places, what) := {
	"item": g.item.id, "path": rbac.path(g, places), "message": sprintf("the role %s lets its holders %s", [g.item.name, what]), "found": rbac.told(g),
	"expected": "signers limited by resourceNames",
}
