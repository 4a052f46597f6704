# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The kubelet keeps the node's packet filter"
# description: "Without its chains the rules that keep pods and services apart may be missing, and traffic passes that nobody wanted."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 4.2.6"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-7"
# custom:
#   id: segmentation.kubelet-iptables
#   severity: medium
#   remediation: "Remove --make-iptables-util-chains=false, or set makeIPTablesUtilChains: true."
#   zeroTrust: [Z14]
#   kinds: [kubernetes]
package sealock.config.segmentation.kubelet_iptables

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

finding contains f if {
	some g in control.given({"kubelet"}, {"make-iptables-util-chains"})
	config.falsy(g.x.value)
	f := control.wrong(g, "medium", "the rules of the node are not kept", "--make-iptables-util-chains=true")
}

finding contains f if {
	some k in control.kubelet_files
	config.falsy(pods.at(k.object, ["makeIPTablesUtilChains"], true))
	f := control.setting(k, ["makeIPTablesUtilChains"], "medium", "the rules of the node are not kept", "true")
}
