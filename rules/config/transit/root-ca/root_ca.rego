# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Pods are given the certificate of the API server's authority"
# description: "Without it pods can't tell the API server from somebody who stands in between, and clients switch verification off."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.3.5"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.root-ca
#   severity: medium
#   remediation: "Set --root-ca-file of the controller manager."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.root_ca

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some c in control.without({"kube-controller-manager"}, {"root-ca-file"})
	f := control.missing(c, "root-ca-file", "medium", "pods are given no certificate to know the API server by")
}
