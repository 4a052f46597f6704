# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server serves and asks by TLS only"
# description: "The API server commands every node and keeps every secret: what it takes or sends in plain text somebody in between can read and change, mostly without a login."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2 of release 1.6"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Control plane hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.control-plane-tls
#   severity: high
#   remediation: "Serve on the secure port only, and name etcd with https:// in --etcd-servers."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.control_plane_tls

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given(control.api_server, {"insecure-port"})
	g.x.value != "0"
	f := control.wrong(g, "critical", "everything is allowed to whoever reaches the insecure port", "--insecure-port=0, or a release without it")
}

finding contains f if {
	some g in control.given(control.api_server, {"insecure-bind-address", "address"})
	f := control.wrong(g, "critical", "everything is allowed to whoever reaches the insecure address", "no such flag")
}

finding contains f if {
	some g in control.given(control.api_server, {"secure-port"})
	g.x.value == "0"
	f := control.wrong(g, "critical", "there is no port with TLS", "--secure-port=6443")
}

finding contains f if {
	some g in control.given(control.api_server, {"kubelet-https"})
	config.falsy(g.x.value)
	f := control.wrong(g, "high", "kubelets are commanded in plain text", "--kubelet-https=true")
}

finding contains f if {
	some g in control.given(control.api_server, {"etcd-servers"})
	contains(g.x.value, "http://")
	not control.on_this_machine(g.x.value)
	f := control.wrong(g, "high", "secrets go to etcd in plain text", "https://")
}
