# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Certificates by which nodes log in are renewed"
# description: "A node's certificate that is never renewed ends one day and takes the node with it, or is made to last for years and is good for whoever copies it."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 4.2.10"
# - ref: https://kubernetes.io/docs/tasks/tls/certificate-rotation/
#   description: "Kubernetes, certificate rotation for kubelets"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-12"
# custom:
#   id: transit.kubelet-rotation
#   severity: medium
#   remediation: "Set rotateCertificates: true."
#   zeroTrust: [Z10, Z28]
#   kinds: [kubernetes]
package sealock.config.transit.kubelet_rotation

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

finding contains f if {
	some g in control.given({"kubelet"}, {"rotate-certificates"})
	config.falsy(g.x.value)
	f := control.wrong(g, "medium", "the node's certificate is never renewed", "--rotate-certificates=true")
}

finding contains f if {
	some k in control.kubelet_files
	not config.truthy(pods.at(k.object, ["rotateCertificates"], false))
	f := control.setting(k, ["rotateCertificates"], "medium", "the node's certificate is never renewed", "true")
}
