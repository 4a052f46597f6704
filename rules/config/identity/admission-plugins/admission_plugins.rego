# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server's admission is not weakened"
# description: "AlwaysAdmit lets every request pass, and without the plugins that Kubernetes switches on itself accounts, namespaces and Pod Security are not kept."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.10, 1.2.12 and 1.2.13"
# - ref: https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/
#   description: "Kubernetes, admission controllers"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, CM-7"
# custom:
#   id: identity.admission-plugins
#   severity: high
#   remediation: "Remove AlwaysAdmit from --enable-admission-plugins, and what Kubernetes enables by itself from --disable-admission-plugins."
#   zeroTrust: [Z4, Z13]
#   kinds: [kubernetes]
package sealock.config.identity.admission_plugins

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given(control.api_server, {"enable-admission-plugins", "admission-control"})
	"AlwaysAdmit" in split(g.x.value, ",")
	f := control.wrong(g, "high", "admission lets everything pass", "no AlwaysAdmit")
}

needed := {
	"ServiceAccount", "NamespaceLifecycle", "NodeRestriction", "PodSecurity", "PodSecurityPolicy", "LimitRanger", "ResourceQuota", "ValidatingAdmissionWebhook",
	"MutatingAdmissionWebhook", "ValidatingAdmissionPolicy", "CertificateApproval", "CertificateSigning", "CertificateSubjectRestriction",
}

finding contains f if {
	some g in control.given(control.api_server, {"disable-admission-plugins"})
	off := sort([p | some p in split(g.x.value, ","); p in needed])
	count(off) > 0
	f := control.wrong(g, "high", sprintf("admission goes without %s", [concat(", ", off)]), "only plugins that protect nothing")
}
