# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not let their holders take more rights"
# description: "escalate and bind hand out rights that one does not have, impersonate takes on others' identities. Each leads to the whole cluster."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.8"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, privilege escalation risks"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K03 Overly permissive RBAC configurations"
# custom:
#   id: rbac.escalate
#   severity: high
#   remediation: "Remove escalate, bind and impersonate, or limit them with resourceNames to roles and accounts that have little."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.escalate

import data.sealock.lib.config_rbac as rbac

roles := {"roles", "clusterroles"}

identities := {"users", "groups", "serviceaccounts", "uids"}

finding contains f if {
	some g in rbac.grants
	places := rbac.hits(g, "rbac.authorization.k8s.io", roles, {"escalate", "bind"})
	count(places) > 0
	f := found(g, places, g.verbs & {"escalate", "bind", "*"}, "give out rights that their holders lack")
}

finding contains f if {
	some g in rbac.grants
	places := [i | some i, r in g.resources; person(r); rbac.may(g, {"impersonate"}); core(g)]
	count(places) > 0
	f := found(g, places, g.verbs & {"impersonate", "*"}, "act as others")
}

# With resources: "*" a verb of this kind is worth telling, if no wildcard stands for the verb too.
finding contains f if {
	some g in rbac.grants
	"*" in g.resources
	verbs := g.verbs & {"escalate", "bind", "impersonate"}
	count(verbs) > 0
	f := found(g, [0], verbs, "give out rights or act as others")
}

person(r) if r in identities

person(r) if startswith(r, "userextras")

core(g) if count(g.groups & {"", "*", "authentication.k8s.io"}) > 0

found(g, places, verbs, what) := {
	"item": g.item.id, "path": rbac.path(g, places), "severity": severity(g), "message": sprintf("the role %s lets its holders %s %s", [g.item.name, what, rbac.where(g)]),
	"found": sprintf("%s on %s", [concat(", ", sort(verbs)), g.resources[places[0]]]), "expected": "none of these verbs",
}

# To act as one named person or account is bounded by what that one may do.
severity(g) := "low" if {
	count(g.names) > 0
	not rbac.may(g, {"bind", "escalate"})
	every n in g.names { not startswith(n, "system:") }
} else := "medium" if {
	count(g.names) > 0
} else := rbac.by_reach(g, "critical", "high")
