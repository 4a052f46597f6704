# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Nodes are called what their certificates say"
# description: "A kubelet that goes by another name can't be told from its certificate, and may be given what belongs to another node."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 4.2.7"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-3"
# custom:
#   id: identity.hostname-override
#   severity: low
#   remediation: "Remove --hostname-override, unless the cloud's controller needs it."
#   zeroTrust: [Z4, Z10]
#   kinds: [kubernetes]
package sealock.config.identity.hostname_override

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given({"kubelet"}, {"hostname-override"})
	not contains(g.x.value, "$")
	f := control.wrong(g, "low", "the node goes by another name than its certificate", "no --hostname-override")
}
