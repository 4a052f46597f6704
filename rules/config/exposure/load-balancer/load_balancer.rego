# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Load balancers are internal or take traffic from listed addresses"
# description: "A LoadBalancer without a list of sources is open to the whole internet as soon as it is applied."
# related_resources:
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening"
# - ref: https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer
#   description: "Kubernetes, LoadBalancer"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7(5)"
# custom:
#   id: exposure.load-balancer
#   severity: medium
#   remediation: "Set loadBalancerSourceRanges, or the annotation of the cloud for an internal load balancer."
#   zeroTrust: [Z14, Z20]
#   kinds: [kubernetes]
package sealock.config.exposure.load_balancer

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some s in balancers
	ranges := sources(s)
	count(ranges) == 0
	not internal(s)
	open := mesh.delicate(s)
	f := {
		"item": s.id, "path": ["spec", "type"], "severity": mesh.severity(open),
		"message": sprintf("the service %s is open to the internet%s", [s.name, mesh.told(open)]), "found": "type: LoadBalancer without loadBalancerSourceRanges",
		"expected": "loadBalancerSourceRanges, or an internal load balancer",
	}
}

finding contains f if {
	some s in balancers
	some i, range in pods.list(s.object, ["spec", "loadBalancerSourceRanges"])
	regex.match(`^(0\.0\.0\.0|::|0:0:0:0:0:0:0:0)/0$|/0$`, sprintf("%v", [range]))
	not internal(s)
	open := mesh.delicate(s)
	f := {
		"item": s.id, "path": ["spec", "loadBalancerSourceRanges", i], "severity": mesh.severity(open),
		"message": sprintf("the service %s is open to the internet%s", [s.name, mesh.told(open)]), "found": sprintf("%v", [range]), "expected": "addresses of those who need it",
	}
}

balancers := [s |
	some s in pods.of_kind({"Service"})
	s.group == ""
	pods.at(s.object, ["spec", "type"], "") == "LoadBalancer"
]

sources(s) := array.concat(pods.list(s.object, ["spec", "loadBalancerSourceRanges"]), [v |
	some key, v in mesh.annotations(s)
	regex.match(`(load-balancer-source-ranges|allowed-ip-ranges|allowed-service-tags|inbound-cidrs|backend-security-group|load-balancer-security-groups|acl-id)$`, key)
	v != ""
])

# internal(s) if an annotation of the cloud keeps the load balancer inside.
internal(s) if {
	some key, v in mesh.annotations(s)
	is_string(v)
	regex.match(`(load-balancer-internal|load-balancer-type|load-balancer-scheme|internal-load-balancer|ip-type|address-type|network-load-balancer-internal|loadbalancer-internal|oci-load-balancer-internal|private)$`, key)
	regex.match(`(?i)^(true|internal|intranet|private|yes|0\.0\.0\.0/0)$`, v)
}

internal(s) if pods.at(s.object, ["spec", "loadBalancerClass"], "") == "tailscale"
