# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server shows etcd a certificate"
# description: "etcd can only refuse others if the API server can show who it is."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.23"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.api-server-etcd
#   severity: medium
#   remediation: "Set --etcd-certfile and --etcd-keyfile."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.api_server_etcd

import data.sealock.lib.config_control_plane as control

flags := {"etcd-certfile", "etcd-keyfile"}

finding contains f if {
	some c in control.without_all(control.api_server, flags)
	not control.local(c, "etcd-servers")
	lacking := control.lacking(c, flags)
	f := control.missing(c, concat(", no --", lacking), "medium", "etcd is not shown who asks")
}
