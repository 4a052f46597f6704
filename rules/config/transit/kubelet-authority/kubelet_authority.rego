# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server checks certificates of kubelets"
# description: "A node that is not checked can be anybody's: what goes this way are commands to containers, their logs and output."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.5"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.kubelet-authority
#   severity: medium
#   remediation: "Set --kubelet-certificate-authority."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.kubelet_authority

import data.sealock.lib.config_control_plane as control

flags := {"kubelet-certificate-authority"}

finding contains f if {
	some c in control.without_all(control.api_server, flags)
	lacking := control.lacking(c, flags)
	f := control.missing(c, concat(", no --", lacking), "medium", "certificates of kubelets are not checked")
}
