# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Roles name their verbs, resources and API groups"
# description: "A wildcard grants what exists today and whatever is added tomorrow; with all of them a role is as good as cluster-admin."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 5.1.3"
# - ref: https://kubernetes.io/docs/concepts/security/rbac-good-practices/
#   description: "Kubernetes RBAC good practices, least privilege"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# - ref: https://owasp.org/www-project-kubernetes-top-ten/
#   description: "OWASP Kubernetes Top Ten, K03 Overly permissive RBAC configurations"
# custom:
#   id: rbac.wildcard
#   severity: medium
#   remediation: "List the verbs, resources and API groups that are used."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.rbac.wildcard

import data.sealock.lib.config_rbac as rbac

finding contains f if {
	some g in rbac.grants
	fields := [f | some f in ["verbs", "resources", "apiGroups", "nonResourceURLs"]; everything(g, f)]
	count(fields) > 0
	f := {
		"item": g.item.id, "path": path(g, fields), "severity": severity(g),
		"message": sprintf("the role %s allows %s %s", [g.item.name, meaning(g), rbac.where(g)]),
		"found": concat(", ", [sprintf("%s: [\"*\"]", [f]) | some f in fields]), "expected": "names",
	}
}

everything(g, "verbs") if "*" in g.verbs

everything(g, "resources") if "*" in g.resources

everything(g, "apiGroups") if "*" in g.groups

everything(g, "nonResourceURLs") if "*" in g.urls

path(g, fields) := array.concat(g.path, [fields[0]]) if {
	count(fields) == 1
} else := g.path

meaning(g) := "everything" if {
	"*" in g.verbs
	"*" in g.resources
} else := sprintf("all verbs on %s", [concat(", ", array.concat(g.resources, g.urls))]) if {
	"*" in g.verbs
} else := sprintf("%s on all resources", [concat(", ", sort(g.verbs))]) if {
	"*" in g.resources
} else := sprintf("%s on %s", [concat(", ", sort(g.verbs)), concat(", ", array.concat(g.resources, g.urls))])

# core(g) if the grant covers Kubernetes' own objects, secrets among them.
core(g) if count(g.groups & {"*", ""}) > 0

core(g) if {
	count(g.groups) == 0
	count(g.resources) > 0
}

severity(g) := rbac.by_reach(g, "critical", "high") if {
	"*" in g.verbs
	"*" in g.resources
	core(g)
} else := rbac.by_reach(g, "high", "medium") if {
	"*" in g.resources
	core(g)
} else := "high" if {
	"*" in g.verbs
	"*" in g.urls
} else := rbac.by_reach(g, "medium", "low") if {
	count((({"*"} & g.verbs) | ({"*"} & {r | some r in g.resources}))) > 0
} else := "low"
