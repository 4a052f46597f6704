# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Services take no port of every node"
# description: "A NodePort is open on each node's addresses to whoever reaches one, beside the load balancer and its rules."
# related_resources:
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Network separation and hardening"
# - ref: https://kubernetes.io/docs/concepts/services-networking/service/#type-nodeport
#   description: "Kubernetes, NodePort"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7"
# custom:
#   id: exposure.node-port
#   severity: medium
#   remediation: "Use ClusterIP behind an Ingress or a Gateway."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.node_port

import data.sealock.lib.config_mesh as mesh
import data.sealock.lib.config_workload as pods

finding contains f if {
	some s in pods.of_kind({"Service"})
	s.group == ""
	pods.at(s.object, ["spec", "type"], "") == "NodePort"
	open := mesh.delicate(s)
	f := {
		"item": s.id, "path": ["spec", "type"], "severity": mesh.severity(open), "message": sprintf("the service %s is open on every node%s", [s.name, mesh.told(open)]),
		"found": "type: NodePort", "expected": "type: ClusterIP",
	}
}
