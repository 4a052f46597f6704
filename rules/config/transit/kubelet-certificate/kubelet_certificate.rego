# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Kubelets serve a certificate that can be checked"
# description: "A kubelet makes up a certificate for itself unless it is given one or asks the cluster for one: then whoever calls it can't know that it is the node."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 4.2.9"
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/kubelet-tls-bootstrapping/
#   description: "Kubernetes, TLS bootstrapping"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, SC-8"
# custom:
#   id: transit.kubelet-certificate
#   severity: low
#   remediation: "Set serverTLSBootstrap: true, or tlsCertFile and tlsPrivateKeyFile."
#   zeroTrust: [Z10]
#   kinds: [kubernetes]
package sealock.config.transit.kubelet_certificate

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

finding contains f if {
	some k in control.kubelet_files
	not config.truthy(pods.at(k.object, ["serverTLSBootstrap"], false))
	lacking := [name | some name in ["tlsCertFile", "tlsPrivateKeyFile"]; pods.at(k.object, [name], "") == ""]
	count(lacking) > 0
	f := control.setting(k, [lacking[0]], "low", "it makes up its certificate", "serverTLSBootstrap: true, or a certificate and its key")
}

finding contains f if {
	some c in control.components
	c.program == "kubelet"
	given := {x.flag | some x in c.flags}
	count(given & {"tls-cert-file", "tls-private-key-file"}) == 1
	f := control.missing(c, sort({"tls-cert-file", "tls-private-key-file"} - given)[0], "low", "half a certificate")
}
