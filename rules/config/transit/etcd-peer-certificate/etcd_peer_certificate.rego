# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Members of etcd show certificates"
# description: "Members send each other all that etcd holds, in plain text unless they have a certificate and its key."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 2.4"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.etcd-peer-certificate
#   severity: medium
#   remediation: "Set --peer-cert-file and --peer-key-file."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.etcd_peer_certificate

import data.sealock.lib.config_control_plane as control

flags := {"peer-cert-file", "peer-key-file"}

finding contains f if {
	some c in control.without_all({"etcd"}, flags)
	not control.local(c, "listen-peer-urls")
	lacking := control.lacking(c, flags)
	f := control.missing(c, concat(", no --", lacking), "medium", "members talk in plain text")
}
