# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services claim no addresses"
# description: "With externalIPs a Service takes traffic that nodes and pods send to any address it names, also addresses of others."
# related_resources:
# - ref: https://nvd.nist.gov/vuln/detail/CVE-2020-8554
#   description: "CVE-2020-8554, man in the middle with externalIPs"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening"
# custom:
#   id: exposure.external-ips
#   severity: high
#   remediation: "Remove externalIPs; use a LoadBalancer or a Gateway."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.external_ips

import data.sealock.lib.config_workload as pods

finding contains f if {
	some s in pods.of_kind({"Service"})
	s.group == ""
	some i, ip in pods.list(s.object, ["spec", "externalIPs"])
	f := {
		"item": s.id, "path": ["spec", "externalIPs", i], "message": sprintf("the service %s takes the traffic that is sent to %v", [s.name, ip]), "found": sprintf("%v", [ip]),
		"expected": "no externalIPs",
	}
}
