# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Every host of an Ingress is served with TLS"
# description: "What comes in without TLS can be read and changed on its way, passwords and cookies too."
# related_resources:
# - ref: https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
#   description: "Kubernetes, Ingress, TLS"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.ingress-tls
#   severity: medium
#   remediation: "Add tls: [{hosts: […], secretName: …}] to the spec."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.ingress_tls

import data.sealock.lib.config
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

ingresses := [i | some i in pods.of_kind({"Ingress"}); i.group in {"networking.k8s.io", "extensions"}]

finding contains f if {
	some i in ingresses
	count(pods.list(i.object, ["spec", "tls"])) == 0
	not elsewhere(i)
	f := {
		"item": i.id, "path": ["spec", "tls"], "message": sprintf("the Ingress %s takes requests in plain text", [i.name]), "found": "no tls",
		"expected": "tls with a certificate for each host",
	}
}

finding contains f if {
	some i in ingresses
	tls := pods.list(i.object, ["spec", "tls"])
	count(tls) > 0
	every t in tls { count(pods.list(t, ["hosts"])) > 0 }
	served := {h | some t in tls; some h in pods.list(t, ["hosts"]); is_string(h)}
	some n, r in pods.list(i.object, ["spec", "rules"])
	host := pods.text(pods.at(r, ["host"], ""))
	host != ""
	not covered(host, served)
	f := {
		"item": i.id, "path": ["spec", "rules", n, "host"], "message": sprintf("%s is not among the hosts that have a certificate", [host]), "found": host,
		"expected": concat(", ", sort(served)),
	}
}

covered(host, served) if host in served

covered(host, served) if {
	labels := split(host, ".")
	concat(".", array.concat(["*"], array.slice(labels, 1, count(labels)))) in served
}

# elsewhere(i) if annotations say that the load balancer or proxy has a certificate.
elsewhere(i) if {
	some key in [
		"alb.ingress.kubernetes.io/certificate-arn", "networking.gke.io/managed-certificates", "ingress.gcp.kubernetes.io/pre-shared-cert",
		"networking.gke.io/certmap", "appgw.ingress.kubernetes.io/appgw-ssl-certificate", "traefik.ingress.kubernetes.io/router.tls.certresolver",
	]
	pods.text(object.get(mesh.annotations(i), key, "")) != ""
}

elsewhere(i) if contains(pods.text(object.get(mesh.annotations(i), "alb.ingress.kubernetes.io/listen-ports", "")), "HTTPS")

elsewhere(i) if config.truthy(object.get(mesh.annotations(i), "traefik.ingress.kubernetes.io/router.tls", false))

elsewhere(i) if config.truthy(object.get(mesh.annotations(i), "nginx.ingress.kubernetes.io/ssl-passthrough", false))

elsewhere(i) if pods.text(object.get(mesh.annotations(i), "traefik.ingress.kubernetes.io/router.entrypoints", "")) == "websecure"

elsewhere(i) if pods.at(i.object, ["spec", "ingressClassName"], "") == "tailscale"

# Traefik's routes have no TLS of their own where the entry point has it.
finding contains f if {
	some group in ["traefik.io", "traefik.containo.us"]
	some r in mesh.of(group, "IngressRoute")
	entries := pods.list(r.object, ["spec", "entryPoints"])
	some n, e in entries
	e in {"web", "http"}
	pods.at(r.object, ["spec", "tls"], null) == null
	not redirected(r)
	f := {
		"item": r.id, "path": ["spec", "entryPoints", n], "message": sprintf("the IngressRoute %s takes requests in plain text", [r.name]), "found": e,
		"expected": "the entry point websecure and tls",
	}
}

# redirected(r) if each of its routes has a middleware that is called after what it does.
redirected(r) if {
	routes := pods.list(r.object, ["spec", "routes"])
	count(routes) > 0
	every route in routes {
		some m in pods.list(route, ["middlewares"])
		regex.match(`(?i)redirect|https`, pods.text(pods.at(m, ["name"], "")))
	}
}

finding contains f if {
	some r in mesh.of("route.openshift.io", "Route")
	pods.dict(r.object, ["spec", "tls"]) == {}
	f := {
		"item": r.id, "path": ["spec", "tls"], "message": sprintf("the Route %s takes requests in plain text", [r.name]), "found": "no tls",
		"expected": "tls with termination edge, reencrypt or passthrough",
	}
}

finding contains f if {
	some p in mesh.of("projectcontour.io", "HTTPProxy")
	host := pods.dict(p.object, ["spec", "virtualhost"])
	host != {}
	pods.dict(host, ["tls"]) == {}
	f := {
		"item": p.id, "path": ["spec", "virtualhost", "tls"], "message": sprintf("the HTTPProxy %s takes requests in plain text", [p.name]), "found": "no tls",
		"expected": "tls with a secretName",
	}
}
