# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The audit log is kept for long enough"
# description: "An attack is often found weeks later. Where nothing is set, the log grows until somebody deletes it, and with small numbers it is gone before it is read."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.17 to 1.2.19"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AU-11"
# custom:
#   id: identity.audit-retention
#   severity: low
#   remediation: "Set --audit-log-maxage=30, --audit-log-maxbackup=10 and --audit-log-maxsize=100, or more."
#   zeroTrust: [Z19]
#   kinds: [kubernetes]
package sealock.config.identity.audit_retention

import data.sealock.lib.config_control_plane as control

least := {"audit-log-maxage": 30, "audit-log-maxbackup": 10, "audit-log-maxsize": 100}

finding contains f if {
	some flag, number in least
	some g in control.given(control.api_server, {flag})
	regex.match(`^[0-9]+$`, g.x.value)
	to_number(g.x.value) < number
	f := control.wrong(g, "low", "the audit log is soon thrown away", sprintf("%d or more", [number]))
}

finding contains f if {
	some c in control.components
	c.program in control.api_server
	given := {x.flag | some x in c.flags}
	not "audit-webhook-config-file" in given
	some flag, _ in least
	not flag in given
	f := control.missing(c, flag, "low", sprintf("nothing says how much of the audit log is kept: no --%s", [flag]))
}
