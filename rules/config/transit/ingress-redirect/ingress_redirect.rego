# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Plain HTTP is sent on to HTTPS"
# description: "An Ingress with TLS that also answers in plain text is read in plain text by everyone who follows an old link."
# related_resources:
# - ref: https://kubernetes.github.io/ingress-nginx/user-guide/tls/#server-side-https-enforcement-through-redirect
#   description: "ingress-nginx, HTTPS enforcement through redirect"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.ingress-redirect
#   severity: medium
#   remediation: "Remove the annotation, or have it redirect."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.ingress_redirect

import data.sealock.lib.config
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

# bad is annotations that keep plain text open, and the values that do.
bad := {
	"nginx.ingress.kubernetes.io/ssl-redirect": "false", "ingress.kubernetes.io/ssl-redirect": "false", "haproxy.org/ssl-redirect": "false",
	"haproxy-ingress.github.io/ssl-redirect": "false", "nginx.org/redirect-to-https": "false", "ingress.kubernetes.io/force-ssl-redirect": "false",
	"kubernetes.io/ingress.allow-http": "true", "appgw.ingress.kubernetes.io/ssl-redirect": "false", "projectcontour.io/tls-permit-insecure": "true",
}

finding contains f if {
	some i in pods.of_kind({"Ingress"})
	count(pods.list(i.object, ["spec", "tls"])) > 0
	some key, value in bad
	sprintf("%v", [object.get(mesh.annotations(i), key, null)]) == value
	not config.truthy(object.get(mesh.annotations(i), "nginx.ingress.kubernetes.io/force-ssl-redirect", false))
	f := found(i, key, value)
}

finding contains f if {
	some i in pods.of_kind({"Ingress"})
	key := "alb.ingress.kubernetes.io/listen-ports"
	value := pods.text(object.get(mesh.annotations(i), key, ""))
	regex.match(`"HTTP"`, value)
	contains(value, "HTTPS")
	object.get(mesh.annotations(i), "alb.ingress.kubernetes.io/ssl-redirect", null) == null
	not contains(json.marshal(mesh.annotations(i)), "redirect")
	f := found(i, key, value)
}

finding contains f if {
	some r in mesh.of("route.openshift.io", "Route")
	pods.at(r.object, ["spec", "tls", "insecureEdgeTerminationPolicy"], "") == "Allow"
	f := {
		"item": r.id, "path": ["spec", "tls", "insecureEdgeTerminationPolicy"], "message": sprintf("the Route %s also answers in plain text", [r.name]),
		"found": "Allow", "expected": "Redirect or None",
	}
}

found(i, key, value) := {
	"item": i.id, "path": ["metadata", "annotations", key], "message": sprintf("the Ingress %s also answers in plain text", [i.name]),
	"found": sprintf("%s: %s", [key, value]), "expected": "a redirect to https",
}
