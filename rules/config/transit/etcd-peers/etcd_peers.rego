# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Members of etcd ask each other for certificates"
# description: "Whoever may join as a member has all that etcd holds, and can change it."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 2.5"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-3"
# custom:
#   id: transit.etcd-peers
#   severity: high
#   remediation: "Set --peer-client-cert-auth=true, and the certificate of the authority beside it."
#   zeroTrust: [Z4, Z10]
#   kinds: [kubernetes]
package sealock.config.transit.etcd_peers

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given({"etcd"}, {"peer-client-cert-auth"})
	config.falsy(g.x.value)
	f := control.wrong(g, "high", "everyone who reaches it may join it", "--peer-client-cert-auth=true")
}

finding contains f if {
	some c in control.without({"etcd"}, {"peer-client-cert-auth"})
	not control.local(c, "listen-peer-urls")
	f := control.missing(c, "peer-client-cert-auth=true", "high", "everyone who reaches it may join it")
}
