# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server is given an audit policy"
# description: "Without a policy the API server records nothing, wherever the log would go."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 3.2.1"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AU-12"
# custom:
#   id: identity.audit-policy-file
#   severity: medium
#   remediation: "Set --audit-policy-file."
#   zeroTrust: [Z19]
#   kinds: [kubernetes]
package sealock.config.identity.audit_policy_file

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some c in control.without(control.api_server, {"audit-policy-file"})
	f := control.missing(c, "audit-policy-file", "medium", "no policy says what goes into the audit log, so nothing does")
}
