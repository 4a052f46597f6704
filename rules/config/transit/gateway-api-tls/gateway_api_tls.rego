# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Listeners of the Gateway API serve TLS"
# description: "A listener for HTTP that does more than to redirect takes passwords and tokens in plain text."
# related_resources:
# - ref: https://gateway-api.sigs.k8s.io/guides/tls/
#   description: "Gateway API, TLS configuration"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.gateway-api-tls
#   severity: medium
#   remediation: "Use protocol HTTPS with certificateRefs, and an HTTPRoute that redirects from the listener on port 80."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.gateway_api_tls

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some g in mesh.of("gateway.networking.k8s.io", "Gateway")
	some i, l in pods.list(g.object, ["spec", "listeners"])
	upper(pods.text(pods.at(l, ["protocol"], ""))) == "HTTP"
	not waypoint(g)
	not redirects(g, pods.text(pods.at(l, ["name"], "")))
	f := {
		"item": g.id, "path": ["spec", "listeners", i, "protocol"], "message": sprintf("the gateway %s takes plain text on port %v", [g.name, pods.at(l, ["port"], "?")]),
		"found": "protocol: HTTP", "expected": "HTTPS, or routes that redirect",
	}
}

waypoint(g) if contains(pods.text(pods.at(g.object, ["spec", "gatewayClassName"], "")), "waypoint")

# attached(g, name) is the routes of a listener.
attached(g, name) := [r |
	some r in mesh.of("gateway.networking.k8s.io", "HTTPRoute")
	some p in pods.list(r.object, ["spec", "parentRefs"])
	pods.at(p, ["name"], "") == g.name
	pods.at(p, ["namespace"], r.namespace) == g.namespace
	pods.at(p, ["sectionName"], name) == name
]

redirects(g, name) if {
	routes := attached(g, name)
	count(routes) > 0
	every r in routes {
		every rule in pods.list(r.object, ["spec", "rules"]) {
			to_https(rule)
		}
	}
}

to_https(rule) if {
	some f in pods.list(rule, ["filters"])
	pods.at(f, ["requestRedirect", "scheme"], "") == "https"
}

# A caller whose certificate is to be checked is let in all the same if it has none, or a wrong one.
finding contains f if {
	some g in mesh.of("gateway.networking.k8s.io", "Gateway")
	some place in validations(g)
	mode := pods.at(place.validation, ["mode"], "")
	mode == "AllowInsecureFallback"
	f := {
		"item": g.id, "path": array.concat(place.path, ["mode"]), "message": sprintf("the gateway %s asks callers for a certificate, and lets them in without one", [g.name]),
		"found": "mode: AllowInsecureFallback", "expected": "mode: AllowValidOnly",
	}
}

# validations(g) is where a Gateway says how it checks callers: for all ports, for one, or in the older form for one listener.
validations(g) := array.concat(
	[{"path": path, "validation": v} | path := ["spec", "tls", "frontend", "default", "validation"]; v := pods.dict(g.object, path)],
	array.concat(
		[{"path": ["spec", "tls", "frontend", "perPort", i, "tls", "validation"], "validation": pods.dict(p, ["tls", "validation"])} | some i, p in pods.list(g.object, ["spec", "tls", "frontend", "perPort"])],
		[{"path": ["spec", "listeners", i, "tls", "frontendValidation"], "validation": pods.dict(l, ["tls", "frontendValidation"])} | some i, l in pods.list(g.object, ["spec", "listeners"])],
	),
)
