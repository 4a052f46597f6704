# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Callers in the mesh may use the methods and paths that they need"
# description: "A rule that names callers but no methods and paths gives them the whole API, its dangerous parts too."
# related_resources:
# - ref: https://istio.io/latest/docs/ops/best-practices/security/
#   description: "Istio security best practices, authorization policies"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.4 Authorization policies"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: transit.authorization-methods
#   severity: medium
#   remediation: "Add to: [{operation: {methods: [GET], paths: [/v1/products]}}] to the rule."
#   zeroTrust: [Z24]
#   kinds: [kubernetes]
package sealock.config.transit.authorization_methods

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

# ports of protocols that have no methods or paths.
other_protocols := {"5432", "3306", "1433", "1521", "27017", "6379", "11211", "9042", "5672", "5671", "9092", "9093", "9094", "4222", "2379", "2380", "2181", "25", "465", "587", "53", "389", "636", "1883", "8883", "61616", "22"}

ruled contains {"item": p, "path": ["spec", "rules", i], "rule": r} if {
	some p in mesh.policies
	mesh.action(p) == "ALLOW"
	some i, r in pods.list(p.object, ["spec", "rules"])
	count(pods.list(r, ["from"])) + count(pods.list(r, ["when"])) > 0
}

finding contains f if {
	some x in ruled
	pods.list(x.rule, ["to"]) == []
	f := {"item": x.item.id, "path": x.path, "message": "the rule gives its callers every method and path", "found": "no to", "expected": "to with methods and paths"}
}

finding contains f if {
	some x in ruled
	some i, to in pods.list(x.rule, ["to"])
	operation := pods.dict(to, ["operation"])
	missing := [what | some what, fields in {"methods": ["methods", "notMethods"], "paths": ["paths", "notPaths"]}; named(operation, fields) == 0]
	count(missing) > 0
	not another_protocol(operation)
	not judged(missing)
	f := {
		"item": x.item.id, "path": array.concat(x.path, ["to", i]), "severity": severity(missing),
		"message": sprintf("the rule gives its callers every %s", [concat(" and ", [trim_suffix(m, "s") | some m in sort(missing)])]),
		"found": sprintf("no %s", [concat(" and no ", sort(missing))]), "expected": "methods and paths",
	}
}

# judged(missing) if flows are declared: what a rule allows beyond them is told by segmentation.undeclared-flow.
judged(missing) if {
	count(missing) == 1
	input.declared != null
}

named(operation, fields) := count([v | some f in fields; some v in pods.list(operation, [f]); not v in {"*", "/*"}])

severity(missing) := "medium" if {
	count(missing) > 1
} else := "low"

another_protocol(operation) if {
	ports := pods.list(operation, ["ports"])
	count(ports) > 0
	every p in ports {
		sprintf("%v", [p]) in other_protocols
	}
}
