# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The audit log is kept for a month at least"
# description: "An attack is often found weeks later; a log that was deleted by then tells nothing."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.17 to 1.2.19"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AU-11"
# custom:
#   id: identity.audit-age
#   severity: low
#   remediation: "Set --audit-log-maxage=30 or more."
#   zeroTrust: [Z19]
#   kinds: [kubernetes]
package sealock.config.identity.audit_age

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given(control.api_server, {"audit-log-maxage"})
	regex.match(`^[0-9]+$`, g.x.value)
	to_number(g.x.value) < 30
	f := control.wrong(g, "low", "the audit log is soon thrown away", "30 days or more")
}

finding contains f if {
	some c in control.without(control.api_server, {"audit-log-maxage", "audit-webhook-config-file"})
	f := control.missing(c, "audit-log-maxage", "low", "nothing says how many days of the audit log are kept")
}
