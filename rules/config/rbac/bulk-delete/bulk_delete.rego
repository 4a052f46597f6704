# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles do not delete everything at once"
# description: "deletecollection takes all objects of a kind away with one request, and with a namespace, a volume or a definition goes all that is in it: one token in wrong hands ends in the loss of data."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes, good practices for RBAC"
# - ref: https://attack.mitre.org/techniques/T1485/
#   description: "MITRE ATT&CK, T1485 Data Destruction"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: rbac.bulk-delete
#   severity: low
#   remediation: "Take deletecollection away, and let people who break the glass delete namespaces, volumes and definitions."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.bulk_delete

import data.sealock.lib.config_rbac as rbac

# What takes others with it.
containers := {"": {"namespaces", "persistentvolumes"}, "apiextensions.k8s.io": {"customresourcedefinitions"}}

# Objects of the moment: nothing is lost with them, or another rule tells it.
passing := {"events", "leases", "endpointslices", "pods/log", "tokenreviews"}

finding contains f if {
	some g in rbac.grants
	count(g.names) == 0
	places := at_once(g)
	count(places) > 0
	f := {
		"item": g.item.id, "path": rbac.path(g, [min(places)]), "severity": severity(g),
		"message": sprintf("the role %s lets its holders delete %s %s", [g.item.name, what(g, g.resources[min(places)]), rbac.where(g)]), "found": rbac.told(g),
		"expected": "delete for single objects of the role's own kinds",
	}
}

at_once(g) := {i |
	"deletecollection" in g.verbs
	some i, r in g.resources
	not r in (passing | {"*"})
} | {i |
	g.wide
	some group, resources in containers
	some i in rbac.hits(g, group, resources, {"delete"})
}

severity(g) := "medium" if {
	g.wide
	some group, resources in containers
	count(rbac.hits(g, group, resources, {"delete", "deletecollection"})) > 0
} else := "medium" if {
	g.wide
	"deletecollection" in g.verbs
	count(rbac.hits(g, "", {"secrets", "pods", "persistentvolumeclaims", "configmaps"}, {"deletecollection"})) > 0
} else := "low"

what(g, resource) := sprintf("all %s at once", [resource]) if {
	"deletecollection" in g.verbs
} else := resource
