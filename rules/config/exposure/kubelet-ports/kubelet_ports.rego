# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The kubelet has no port without a login"
# description: "On the read-only port everyone sees the node's pods with their environment, and with it often passwords."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 4.2.4"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Worker node hardening"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-3"
# custom:
#   id: exposure.kubelet-ports
#   severity: high
#   remediation: "Set readOnlyPort: 0, or --read-only-port=0."
#   zeroTrust: [Z4, Z14]
#   kinds: [kubernetes]
package sealock.config.exposure.kubelet_ports

import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

finding contains f if {
	some g in control.given({"kubelet"}, {"read-only-port"})
	g.x.value != "0"
	f := control.wrong(g, "high", "pods and their environment are shown without a login", "--read-only-port=0")
}

finding contains f if {
	some c in control.without({"kubelet"}, {"read-only-port"})
	f := control.missing(c, "read-only-port=0", "high", "pods and their environment are shown without a login on port 10255, which is the default")
}

finding contains f if {
	some k in control.kubelet_files
	not pods.at(k.object, ["readOnlyPort"], 0) in {0, "0"}
	f := control.setting(k, ["readOnlyPort"], "high", "pods and their environment are shown without a login", "0")
}
