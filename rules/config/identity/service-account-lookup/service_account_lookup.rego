# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Tokens of deleted accounts are refused"
# description: "With --service-account-lookup=false the API server believes each token that was ever signed, also when its account or pod is gone."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.21"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, IA-5"
# custom:
#   id: identity.service-account-lookup
#   severity: high
#   remediation: "Remove --service-account-lookup=false."
#   zeroTrust: [Z4, Z28]
#   kinds: [kubernetes]
package sealock.config.identity.service_account_lookup

import data.sealock.lib.config
import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given(control.api_server, {"service-account-lookup"})
	config.falsy(g.x.value)
	f := control.wrong(g, "high", "tokens of deleted accounts are still good", "--service-account-lookup=true")
}
