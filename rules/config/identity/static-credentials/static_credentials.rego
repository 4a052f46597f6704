# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server takes no files of passwords or tokens"
# description: "What stands in such a file never ends, is written in plain text, and can't be taken back without a restart."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.2"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Authentication and authorization"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-5"
# custom:
#   id: identity.static-credentials
#   severity: high
#   remediation: "Remove --token-auth-file and --basic-auth-file; use OpenID Connect, client certificates or service accounts."
#   zeroTrust: [Z4, Z28]
#   kinds: [kubernetes]
package sealock.config.identity.static_credentials

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given(control.api_server, {"token-auth-file", "basic-auth-file"})
	f := control.wrong(g, "high", "a file of passwords or tokens that never end is taken", "OpenID Connect or client certificates")
}
