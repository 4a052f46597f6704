# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubelets may change only their own node"
# description: "With NodeRestriction a stolen kubelet changes its own node and pods only; without it it can label and taint all nodes, and draw pods to itself."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.14"
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/node/
#   description: "Kubernetes, using Node Authorization"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: identity.node-restriction
#   severity: medium
#   remediation: "Add NodeRestriction to --enable-admission-plugins."
#   zeroTrust: [Z13, Z14]
#   kinds: [kubernetes]
package sealock.config.identity.node_restriction

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some c in control.without(control.api_server, {"admission-control-config-file"})
	plugins := {p | some x in c.flags; x.flag in {"enable-admission-plugins", "admission-control"}; some p in split(x.value, ",")}
	not "NodeRestriction" in plugins
	f := control.missing(c, "enable-admission-plugins=NodeRestriction", "medium", "each kubelet may change all nodes and pods")
}
