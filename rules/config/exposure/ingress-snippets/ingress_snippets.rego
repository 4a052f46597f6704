# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Ingresses carry no configuration of the proxy"
# description: "A snippet is put into the proxy's configuration as it stands; whoever may write an Ingress reads the proxy's service account and every certificate with it."
# related_resources:
# - ref: https://nvd.nist.gov/vuln/detail/CVE-2021-25742
#   description: "CVE-2021-25742, secrets through snippets"
# - ref: https://nvd.nist.gov/vuln/detail/CVE-2025-1974
#   description: "CVE-2025-1974 with CVE-2025-1097, -1098 and -24514, configuration through annotations that are none"
# - ref: https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/
#   description: "ingress-nginx, annotations risk"
# custom:
#   id: exposure.ingress-snippets
#   severity: high
#   remediation: "Use the annotation made for the purpose, and set allow-snippet-annotations to false."
#   zeroTrust: [Z13]
#   kinds: [kubernetes]
package sealock.config.exposure.ingress_snippets

import data.sealock.lib.config
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some i in pods.of_kind({"Ingress"})
	some key, v in mesh.annotations(i)
	regex.match(`^(nginx\.ingress\.kubernetes\.io/.*-snippet|nginx\.org/.*-snippets?|haproxy-ingress\.github\.io/config-(backend|frontend|global).*|haproxy\.org/(backend|frontend|server)-config-snippet)$`, key)
	not v in {"", null}
	f := {
		"item": i.id, "path": ["metadata", "annotations", key], "severity": severity(v),
		"message": sprintf("the Ingress %s brings configuration of the proxy", [i.name]), "found": key, "expected": "no snippets",
	}
}

# Some snippets do what such an attack does.
severity(v) := "critical" if {
	regex.match(`(?i)lua_|load_module|serviceaccount|proxy_pass|root\s|alias\s`, pods.text(v))
} else := "medium"

# What ends a directive of nginx, in annotations that were put into its configuration unescaped. A pattern of names may have brackets.
injection := {`^(auth-url|auth-signin|mirror-target|mirror-host|app-root|permanent-redirect|temporal-redirect)$`: "[\r\n;{}|`\"]", `^auth-tls-match-cn$`: `[\r\n;]`}

finding contains f if {
	some i in pods.of_kind({"Ingress"})
	some key, v in mesh.annotations(i)
	startswith(key, "nginx.ingress.kubernetes.io/")
	some names, signs in injection
	regex.match(names, trim_prefix(key, "nginx.ingress.kubernetes.io/"))
	regex.match(signs, pods.text(v))
	f := {
		"item": i.id, "path": ["metadata", "annotations", key], "severity": "critical",
		"message": sprintf("the Ingress %s puts configuration of the proxy into %s", [i.name, key]), "found": key, "expected": "an address or a name, and nothing behind it",
	}
}

finding contains f if {
	some c in pods.of_kind({"ConfigMap"})
	config.truthy(pods.at(c.object, ["data", "allow-snippet-annotations"], false))
	f := {
		"item": c.id, "path": ["data", "allow-snippet-annotations"], "message": "the proxy takes configuration from every Ingress", "found": "true", "expected": "false",
	}
}
