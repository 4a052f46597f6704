# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server and kubelets know whose certificates to believe"
# description: "Without an authority for clients, or with a file that holds none, callers are anonymous or can't be told apart."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.25 and 4.2.3"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Authentication and authorization"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-3"
# custom:
#   id: identity.client-certificates
#   severity: medium
#   remediation: "Set --client-ca-file, for the kubelet authentication.x509.clientCAFile, to the certificate of the cluster's authority."
#   zeroTrust: [Z4, Z10]
#   kinds: [kubernetes]
package sealock.config.identity.client_certificates

import data.sealock.lib.config_control_plane as control
import data.sealock.lib.config_workload as pods

checked := control.api_server | {"kubelet"}

finding contains f if {
	some c in control.without(checked, {"client-ca-file", "authentication-config"})
	f := control.missing(c, "client-ca-file", "medium", "no certificate of a client is believed")
}

finding contains f if {
	some g in control.given(checked, {"client-ca-file"})
	odd(g.x.value)
	f := control.wrong(g, "medium", "the file is no certificate of an authority", "a file of certificates (.crt, .pem, .cert)")
}

finding contains f if {
	some k in control.kubelet_files
	pods.at(k.object, ["authentication", "x509", "clientCAFile"], "") == ""
	f := control.setting(k, ["authentication", "x509", "clientCAFile"], "medium", "no certificate of a client is believed", "a file of certificates")
}

finding contains f if {
	some k in control.kubelet_files
	odd(pods.at(k.object, ["authentication", "x509", "clientCAFile"], ""))
	f := control.setting(k, ["authentication", "x509", "clientCAFile"], "medium", "the file is no certificate of an authority", "a file of certificates")
}

# odd(file) if its ending is that of something else.
odd(file) if regex.match(`(?i)\.(txt|ya?ml|json|key|csr|conf|log)$`, file)
