# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Idle connections to containers are closed"
# description: "A shell into a container that nobody watches stays open for whoever finds the terminal, and many of them keep the node busy."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 4.2.5"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-12"
# custom:
#   id: exposure.kubelet-streams
#   severity: medium
#   remediation: "Leave streamingConnectionIdleTimeout at 4h, or set a shorter time."
#   zeroTrust: [Z4]
#   kinds: [kubernetes]
package sealock.config.exposure.kubelet_streams

import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

finding contains f if {
	some g in control.given({"kubelet"}, {"streaming-connection-idle-timeout"})
	never(g.x.value)
	f := control.wrong(g, "medium", "idle connections to containers are never closed", "5m")
}

finding contains f if {
	some k in control.kubelet_files
	never(sprintf("%v", [pods.at(k.object, ["streamingConnectionIdleTimeout"], "4h")]))
	f := control.setting(k, ["streamingConnectionIdleTimeout"], "medium", "idle connections to containers are never closed", "5m")
}

never(time) if regex.match(`^(0(h|m|s|ms)?)+$`, time)
