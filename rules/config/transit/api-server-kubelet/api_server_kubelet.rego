# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server shows kubelets a certificate"
# description: "A kubelet can only refuse others if the API server can show who it is: what goes this way are commands to containers."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.4"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.api-server-kubelet
#   severity: medium
#   remediation: "Set --kubelet-client-certificate and --kubelet-client-key."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.api_server_kubelet

import data.sealock.lib.config_control_plane as control

flags := {"kubelet-client-certificate", "kubelet-client-key"}

finding contains f if {
	some c in control.without_all(control.api_server, flags)
	lacking := control.lacking(c, flags)
	f := control.missing(c, concat(", no --", lacking), "medium", "kubelets are not shown who asks")
}
