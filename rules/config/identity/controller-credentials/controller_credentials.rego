# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Each controller has an account of its own"
# description: "Unless it is told to use accounts, the controller manager does everything with its own rights, which are those of all controllers together."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.3.3"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-6"
# custom:
#   id: identity.controller-credentials
#   severity: medium
#   remediation: "Set --use-service-account-credentials=true."
#   zeroTrust: [Z4, Z13]
#   kinds: [kubernetes]
package sealock.config.identity.controller_credentials

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given({"kube-controller-manager"}, {"use-service-account-credentials"})
	config.falsy(g.x.value)
	f := control.wrong(g, "medium", "all controllers share one identity", "--use-service-account-credentials=true")
}

finding contains f if {
	some c in control.without({"kube-controller-manager"}, {"use-service-account-credentials"})
	f := control.missing(c, "use-service-account-credentials=true", "medium", "all controllers share one identity")
}
