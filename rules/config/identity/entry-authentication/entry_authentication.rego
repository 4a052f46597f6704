# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Who comes in through a gateway shows a token"
# description: "A gateway without RequestAuthentication lets every request through to the services, whoever sent it."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/204/b/upd1/final
#   description: "NIST SP 800-204B, 4.3 End user authentication"
# - ref: https://istio.io/latest/docs/ops/best-practices/security/
#   description: "Istio security best practices, authorization policies"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-2"
# custom:
#   id: identity.entry-authentication
#   severity: medium
#   remediation: "Add a RequestAuthentication with the issuer for the gateway's workload, and an AuthorizationPolicy that turns away requests without a token."
#   zeroTrust: [Z4, Z10]
#   kinds: [kubernetes]
package sealock.config.identity.entry_authentication

import data.sealock.lib.config
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

entries := [g | some g in mesh.gateways; not mesh.egress(g); open(g)]

# open(g) if a server of the gateway takes requests of people and asks for no certificate.
open(g) if {
	some s in pods.list(g.object, ["spec", "servers"])
	upper(pods.text(pods.at(s, ["port", "protocol"], ""))) in {"HTTP", "HTTPS", "HTTP2", "GRPC"}
	not pods.at(s, ["tls", "mode"], "SIMPLE") in {"PASSTHROUGH", "AUTO_PASSTHROUGH", "MUTUAL", "OPTIONAL_MUTUAL", "ISTIO_MUTUAL"}
	not config.truthy(pods.at(s, ["tls", "httpsRedirect"], false))
}

finding contains f if {
	some g in entries
	not checked(g)
	f := {
		"item": g.id, "path": ["spec", "selector"], "message": sprintf("nothing asks for a token at the gateway %s", [g.name]),
		"found": "no RequestAuthentication for the gateway's workload", "expected": "a RequestAuthentication with an issuer",
	}
}

# Gateways of the Gateway API, where the tree has policies of Istio for others.
finding contains f if {
	count(mesh.policies) + count(mesh.tokens) > 0
	some g in mesh.of("gateway.networking.k8s.io", "Gateway")
	pods.at(g.object, ["spec", "gatewayClassName"], "") == "istio"
	checks := [t | some t in checkers; t.namespace in {g.namespace, mesh.root}; held(t, g)]
	count(checks) == 0
	f := {
		"item": g.id, "path": ["spec", "gatewayClassName"], "message": sprintf("nothing asks for a token at the gateway %s", [g.name]),
		"found": "no RequestAuthentication for the gateway", "expected": "a RequestAuthentication with an issuer",
	}
}

# checkers is the policies that look at tokens: RequestAuthentication, and an AuthorizationPolicy that asks another service.
checkers := array.concat(mesh.tokens, [p | some p in mesh.policies; mesh.action(p) == "CUSTOM"])

held(t, g) if ["Gateway", g.name] in mesh.targets(t)

held(t, g) if {
	count(mesh.targets(t)) == 0
	mesh.within(mesh.labels(t), {"gateway.networking.k8s.io/gateway-name": g.name})
}

checked(g) if {
	some t in checkers
	labels := mesh.labels(t)
	count(labels) > 0
	mesh.within(labels, pods.dict(g.object, ["spec", "selector"]))
}

checked(g) if {
	some t in checkers
	mesh.labels(t) == {}
	count(mesh.targets(t)) == 0
	t.namespace in {g.namespace, mesh.root}
}

# The services behind the gateway may check the token themselves.
checked(g) if {
	some v in mesh.of("networking.istio.io", "VirtualService")
	some name in pods.list(v.object, ["spec", "gateways"])
	name in {sprintf("%s/%s", [g.namespace, g.name]), own_name(v, g)}
	some t in mesh.tokens
	t.namespace == v.namespace
}

# An EnvoyFilter may do what a RequestAuthentication does.
checked(_) if {
	some e in mesh.of("networking.istio.io", "EnvoyFilter")
	regex.match(`jwt_authn|ext_authz|oauth2`, json.marshal(e.object))
}

own_name(v, g) := g.name if v.namespace == g.namespace

own_name(v, g) := "" if v.namespace != g.namespace
