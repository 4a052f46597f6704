# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "etcd believes an authority of its own"
# description: "If etcd trusts the authority of the cluster, every certificate that this gives to a node or person opens etcd past all of RBAC."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 2.7"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-12"
# custom:
#   id: transit.etcd-own-authority
#   severity: medium
#   remediation: "Give etcd a certificate authority of its own in --trusted-ca-file."
#   zeroTrust: [Z10, Z13]
#   kinds: [kubernetes]
package sealock.config.transit.etcd_own_authority

import data.sealock.lib.config_control_plane as control

clients contains x.x.value if some x in control.given(control.api_server, {"client-ca-file"})

finding contains f if {
	some g in control.given({"etcd"}, {"trusted-ca-file"})
	g.x.value in clients
	f := control.wrong(g, "medium", "each certificate of the cluster opens etcd", "an authority for etcd alone")
}
