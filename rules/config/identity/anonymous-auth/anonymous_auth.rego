# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubernetes' own components take no anonymous requests"
# description: "A request without a name can't be traced, and each right that is ever given to everyone by mistake holds for it too."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.1 and 4.2.1"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Authentication and authorization"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-2"
# custom:
#   id: identity.anonymous-auth
#   severity: high
#   remediation: "Set --anonymous-auth=false, for the kubelet authentication.anonymous.enabled: false."
#   zeroTrust: [Z4, Z13]
#   kinds: [kubernetes]
package sealock.config.identity.anonymous_auth

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

finding contains f if {
	some program, severity in {"kube-apiserver": "medium", "apiserver": "medium", "kubelet": "high"}
	some g in control.given({program}, {"anonymous-auth"})
	config.truthy(g.x.value)
	f := control.wrong(g, severity, "anonymous requests are taken", "--anonymous-auth=false")
}

finding contains f if {
	some c in control.without(control.api_server | {"kubelet"}, {"anonymous-auth", "authentication-config"})
	f := control.missing(c, "anonymous-auth", severity(c.program), "anonymous requests are taken, which is the default")
}

severity("kubelet") := "high"

severity(program) := "low" if program in control.api_server

finding contains f if {
	some k in control.kubelet_files
	config.truthy(pods.at(k.object, ["authentication", "anonymous", "enabled"], false))
	f := control.setting(k, ["authentication", "anonymous", "enabled"], "high", "anonymous requests are taken", "false")
}
