# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Files of the audit log are large enough"
# description: "With small files, and a bound on their number, hours of a busy cluster are all that is left."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.17 to 1.2.19"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AU-11"
# custom:
#   id: identity.audit-size
#   severity: low
#   remediation: "Set --audit-log-maxsize=100 or more."
#   zeroTrust: [Z19]
#   kinds: [kubernetes]
package sealock.config.identity.audit_size

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given(control.api_server, {"audit-log-maxsize"})
	regex.match(`^[0-9]+$`, g.x.value)
	to_number(g.x.value) < 100
	f := control.wrong(g, "low", "the audit log is soon thrown away", "100 megabytes or more")
}

finding contains f if {
	some c in control.without(control.api_server, {"audit-log-maxsize", "audit-webhook-config-file"})
	f := control.missing(c, "audit-log-maxsize", "low", "nothing says how many megabytes of the audit log are kept")
}
