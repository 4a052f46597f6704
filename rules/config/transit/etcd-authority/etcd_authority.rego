# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server checks the certificate of etcd"
# description: "Without the certificate of etcd's authority somebody in between can answer in etcd's place and take every secret that is written."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.26"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.etcd-authority
#   severity: medium
#   remediation: "Set --etcd-cafile."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.etcd_authority

import data.sealock.lib.config_control_plane as control

flags := {"etcd-cafile"}

finding contains f if {
	some c in control.without_all(control.api_server, flags)
	not control.local(c, "etcd-servers")
	lacking := control.lacking(c, flags)
	f := control.missing(c, concat(", no --", lacking), "medium", "the certificate of etcd is not checked")
}
