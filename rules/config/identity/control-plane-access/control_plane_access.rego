# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubernetes' own components check what a caller may do"
# description: "An API server or kubelet that allows everything, or does not ask RBAC, gives the cluster to whoever reaches its port."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.6 to 1.2.8 and 4.2.2"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Authentication and authorization"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-3"
# custom:
#   id: identity.control-plane-access
#   severity: critical
#   remediation: "Set --authorization-mode=Node,RBAC for the API server, and Webhook for the kubelet."
#   zeroTrust: [Z4, Z13]
#   kinds: [kubernetes]
package sealock.config.identity.control_plane_access

import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

checked := control.api_server | {"kubelet"}

finding contains f if {
	some g in control.given(checked, {"authorization-mode"})
	"AlwaysAllow" in split(g.x.value, ",")
	f := control.wrong(g, "critical", "everything is allowed to everyone", "Node,RBAC or Webhook")
}

finding contains f if {
	some g in control.given(control.api_server, {"authorization-mode"})
	modes := split(g.x.value, ",")
	not "AlwaysAllow" in modes
	not "RBAC" in modes
	f := control.wrong(g, "high", "RBAC is not asked", "Node,RBAC")
}

finding contains f if {
	some g in control.given(control.api_server, {"authorization-mode"})
	not "Node" in split(g.x.value, ",")
	f := control.wrong(g, "medium", "kubelets are not kept to the objects of their own node", "--authorization-mode=Node,RBAC")
}

# What both do unless they are told.
finding contains f if {
	some c in control.without(checked, {"authorization-mode", "authorization-config"})
	f := control.missing(c, "authorization-mode", "critical", "everything is allowed to everyone, which is the default")
}

finding contains f if {
	some k in control.kubelet_files
	pods.at(k.object, ["authorization", "mode"], "Webhook") == "AlwaysAllow"
	f := control.setting(k, ["authorization", "mode"], "critical", "everything is allowed to everyone", "Webhook")
}
