# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Certificates that nodes serve are renewed"
# description: "With the gate off kubelets go on with a certificate that they made up or that ended, and callers stop checking it."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.3.6 and 4.2.11"
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/
#   description: "Kubernetes, TLS bootstrapping"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-12"
# custom:
#   id: transit.kubelet-server-rotation
#   severity: medium
#   remediation: "Leave the gate RotateKubeletServerCertificate on, and set serverTLSBootstrap: true."
#   zeroTrust: [Z10, Z28]
#   kinds: [kubernetes]
package sealock.config.transit.kubelet_server_rotation

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

finding contains f if {
	some g in control.given({"kubelet", "kube-controller-manager"}, {"feature-gates"})
	"RotateKubeletServerCertificate=false" in split(replace(g.x.value, " ", ""), ",")
	f := control.wrong(g, "medium", "certificates that nodes serve are never renewed", "RotateKubeletServerCertificate=true")
}

finding contains f if {
	some g in control.given({"kubelet"}, {"rotate-server-certificates"})
	config.falsy(g.x.value)
	f := control.wrong(g, "medium", "the certificate that the node serves is never renewed", "--rotate-server-certificates=true")
}

finding contains f if {
	some k in control.kubelet_files
	config.falsy(pods.at(k.object, ["featureGates", "RotateKubeletServerCertificate"], true))
	f := control.setting(k, ["featureGates", "RotateKubeletServerCertificate"], "medium", "the certificate that the node serves is never renewed", "true")
}
