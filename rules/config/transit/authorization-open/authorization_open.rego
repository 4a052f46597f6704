# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Policies of the mesh allow named callers"
# description: "An empty rule of an AuthorizationPolicy allows everyone everything; a star for principals or namespaces allows everyone in the mesh."
# related_resources:
# - ref: https://istio.io/latest/docs/ops/best-practices/security/
#   description: "Istio security best practices, authorization policies"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.4 Authorization policies"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-3"
# custom:
#   id: transit.authorization-open
#   severity: high
#   remediation: "Name the callers with from.source.principals."
#   zeroTrust: [Z4, Z24]
#   kinds: [kubernetes]
package sealock.config.transit.authorization_open

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

allowing := [p | some p in mesh.policies; mesh.action(p) == "ALLOW"]

finding contains f if {
	some p in allowing
	some i, r in pods.list(p.object, ["spec", "rules"])
	pods.list(r, ["from"]) == []
	pods.list(r, ["when"]) == []
	pods.list(r, ["to"]) == []
	f := {
		"item": p.id, "path": ["spec", "rules", i], "message": "the rule allows everyone everything, without an identity too", "found": "an empty rule",
		"expected": "from with principals, and to with methods and paths",
	}
}

finding contains f if {
	some p in allowing
	some i, r in pods.list(p.object, ["spec", "rules"])
	pods.list(r, ["from"]) == []
	pods.list(r, ["when"]) == []
	pods.list(r, ["to"]) != []
	not at_the_door(p)
	not harmless(r)
	f := {
		"item": p.id, "path": ["spec", "rules", i], "severity": "low", "message": "the rule says what may be called, but not by whom", "found": "no from",
		"expected": "from with principals",
	}
}

# at_the_door(p) if a policy is for a gateway, whose callers have no identity in the mesh.
at_the_door(p) if {
	labels := mesh.labels(p)
	count(labels) > 0
	some g in mesh.gateways
	mesh.within(labels, pods.dict(g.object, ["spec", "selector"]))
}

at_the_door(p) if {
	some v in mesh.labels(p)
	regex.match(`gateway|ingress`, pods.text(v))
}

at_the_door(p) if {
	some t in mesh.targets(p)
	t[0] == "Gateway"
}

# harmless(r) if only paths for probes and metrics are open.
harmless(r) if {
	every to in pods.list(r, ["to"]) {
		paths := pods.list(to, ["operation", "paths"])
		count(paths) > 0
		every path in paths {
			regex.match(`^/(healthz?|readyz?|livez|metrics|ping|status|-/.*|healthz/.*|\.well-known/.*)(/ready|/live)?$`, pods.text(path))
		}
	}
}

finding contains f if {
	some p in allowing
	some i, r in pods.list(p.object, ["spec", "rules"])
	some j, from in pods.list(r, ["from"])
	source := pods.dict(from, ["source"])
	some field in ["principals", "namespaces", "ipBlocks", "remoteIpBlocks"]
	some k, v in pods.list(source, [field])
	v in {"*", "0.0.0.0/0", "::/0"}
	not narrowed(source, field)
	f := {
		"item": p.id, "path": ["spec", "rules", i, "from", j, "source", field, k], "severity": "medium", "message": "the rule allows every caller in the mesh",
		"found": sprintf("%s: %s", [field, v]), "expected": "names",
	}
}

# Other fields of the same source must hold too.
narrowed(source, field) if {
	some other in ["principals", "namespaces", "requestPrincipals", "ipBlocks", "serviceAccounts"]
	other != field
	named := [v | some v in pods.list(source, [other]); not v in {"*", "0.0.0.0/0", "::/0"}]
	count(named) > 0
}

finding contains f if {
	some p in allowing
	some i, r in pods.list(p.object, ["spec", "rules"])
	some j, from in pods.list(r, ["from"])
	pods.dict(from, ["source"]) == {}
	f := {"item": p.id, "path": ["spec", "rules", i, "from", j], "message": "the rule allows every caller", "found": "an empty source", "expected": "principals"}
}
