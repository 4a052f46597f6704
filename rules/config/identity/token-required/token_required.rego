# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Requests without a token are turned away"
# description: "A RequestAuthentication only refuses bad tokens; a request with none passes unless an AuthorizationPolicy asks for a principal."
# related_resources:
# - ref: https://istio.io/latest/docs/reference/config/security/request_authentication/
#   description: "Istio, RequestAuthentication"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.3 End user authentication"
# custom:
#   id: identity.token-required
#   severity: medium
#   remediation: "Add an AuthorizationPolicy for the same workload, with action: DENY and notRequestPrincipals: [\"*\"], or an ALLOW rule with requestPrincipals."
#   zeroTrust: [Z4, Z10]
#   kinds: [kubernetes]
package sealock.config.identity.token_required

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some t in mesh.tokens
	count(pods.list(t.object, ["spec", "jwtRules"])) > 0
	demanding := [p | some p in considered(t); same(p, t); demands(p)]
	count(demanding) == 0
	f := {
		"item": t.id, "path": ["spec", "jwtRules"], "message": "requests without a token pass: no AuthorizationPolicy for the same workload asks for one",
		"found": "no AuthorizationPolicy with requestPrincipals", "expected": "one that denies notRequestPrincipals, or allows requestPrincipals",
	}
}

# considered(t) is the policies that may hold where the RequestAuthentication does; one for the whole mesh may be asked for in any namespace.
considered(t) := mesh.policies if {
	t.namespace == mesh.root
	mesh.labels(t) == {}
} else := mesh.policies_for(t.namespace)

# same(p, t) if a policy holds for a workload that the RequestAuthentication holds for.
same(p, t) if {
	p.namespace in {t.namespace, mesh.root}
	overlap(mesh.labels(p), mesh.labels(t))
	count(mesh.targets(p)) == 0
	count(mesh.targets(t)) == 0
}

same(p, t) if {
	p.namespace == t.namespace
	count(mesh.targets(p) & mesh.targets(t)) > 0
}

# A policy for the whole namespace, or the mesh, covers what has targets too.
same(p, t) if {
	p.namespace in {t.namespace, mesh.root}
	mesh.labels(p) == {}
	count(mesh.targets(p)) == 0
	count(mesh.targets(t)) > 0
}

same(_, t) if {
	t.namespace == mesh.root
	mesh.labels(t) == {}
}

overlap(a, b) if mesh.within(a, b)

overlap(a, b) if mesh.within(b, a)

demands(p) if mesh.action(p) == "CUSTOM"

demands(p) if {
	mesh.action(p) == "ALLOW"
	some r in pods.list(p.object, ["spec", "rules"])
	some from in pods.list(r, ["from"])
	count(pods.list(from, ["source", "requestPrincipals"])) > 0
}

demands(p) if {
	mesh.action(p) == "DENY"
	some r in pods.list(p.object, ["spec", "rules"])
	some from in pods.list(r, ["from"])
	count(pods.list(from, ["source", "notRequestPrincipals"])) > 0
}

demands(p) if {
	mesh.action(p) in {"ALLOW", "DENY"}
	some r in pods.list(p.object, ["spec", "rules"])
	some when in pods.list(r, ["when"])
	startswith(pods.text(pods.at(when, ["key"], "")), "request.auth.")
}
