# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "etcd serves a certificate"
# description: "etcd holds every secret of the cluster, and answers in plain text unless it has a certificate and its key."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 2.1"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.etcd-certificate
#   severity: medium
#   remediation: "Set --cert-file and --key-file."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.etcd_certificate

import data.sealock.lib.config_control_plane as control

flags := {"cert-file", "key-file"}

finding contains f if {
	some c in control.without_all({"etcd"}, flags)
	not control.local(c, "listen-client-urls")
	lacking := control.lacking(c, flags)
	f := control.missing(c, concat(", no --", lacking), "medium", "clients are answered in plain text")
}
