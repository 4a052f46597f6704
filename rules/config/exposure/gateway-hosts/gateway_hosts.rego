# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Gateways serve named hosts for named namespaces"
# description: "A gateway that serves every host, or takes routes from every namespace, lets whoever may write a route publish a service under any name."
# related_resources:
# - ref: https://istio.io/latest/docs/ops/best-practices/security/
#   description: "Istio security best practices, gateways"
# - ref: https://gateway-api.sigs.k8s.io/concepts/security-model/
#   description: "Gateway API, security model"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7"
# custom:
#   id: exposure.gateway-hosts
#   severity: medium
#   remediation: "Name the hosts, and the namespaces whose routes may be attached."
#   zeroTrust: [Z14, Z20]
#   kinds: [kubernetes]
package sealock.config.exposure.gateway_hosts

import data.sealock.lib.config
import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some g in mesh.gateways
	not mesh.egress(g)
	some i, s in pods.list(g.object, ["spec", "servers"])
	not redirect(s)
	some j, host in pods.list(s, ["hosts"])
	is_string(host)
	segments := split(host, "/")
	segments[count(segments) - 1] == "*"
	f := {
		"item": g.id, "path": ["spec", "servers", i, "hosts", j], "message": sprintf("the gateway %s serves every host", [g.name]), "found": host,
		"expected": "named hosts",
	}
}

# What only redirects may do so for every host.
redirect(s) if config.truthy(pods.at(s, ["tls", "httpsRedirect"], false))

finding contains f if {
	some g in mesh.of("gateway.networking.k8s.io", "Gateway")
	some i, l in pods.list(g.object, ["spec", "listeners"])
	pods.at(l, ["allowedRoutes", "namespaces", "from"], "Same") == "All"
	f := {
		"item": g.id, "path": ["spec", "listeners", i, "allowedRoutes", "namespaces", "from"], "severity": severity(l),
		"message": sprintf("every namespace may publish through the gateway %s", [g.name]), "found": "from: All", "expected": "Same or Selector",
	}
}

severity(l) := "low" if {
	pods.at(l, ["hostname"], "") != ""
} else := "medium"
