# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "etcd asks its clients for certificates"
# description: "etcd holds every secret of the cluster: whoever can talk to it without a certificate reads and writes all of it."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 2.2"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-3"
# custom:
#   id: transit.etcd-clients
#   severity: critical
#   remediation: "Set --client-cert-auth=true, and the certificate of the authority beside it."
#   zeroTrust: [Z4, Z10]
#   kinds: [kubernetes]
package sealock.config.transit.etcd_clients

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given({"etcd"}, {"client-cert-auth"})
	config.falsy(g.x.value)
	f := control.wrong(g, "critical", "everyone who reaches it reads and writes all that it holds", "--client-cert-auth=true")
}

finding contains f if {
	some c in control.without({"etcd"}, {"client-cert-auth"})
	not control.local(c, "listen-client-urls")
	f := control.missing(c, "client-cert-auth=true", "high", "everyone who reaches it reads and writes all that it holds")
}
