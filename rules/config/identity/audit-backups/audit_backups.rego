# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Enough rotated files of the audit log are kept"
# description: "With few files a flood of requests pushes out what was recorded before it."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.17 to 1.2.19"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AU-11"
# custom:
#   id: identity.audit-backups
#   severity: low
#   remediation: "Set --audit-log-maxbackup=10 or more."
#   zeroTrust: [Z19]
#   kinds: [kubernetes]
package sealock.config.identity.audit_backups

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some g in control.given(control.api_server, {"audit-log-maxbackup"})
	regex.match(`^[0-9]+$`, g.x.value)
	to_number(g.x.value) < 10
	f := control.wrong(g, "low", "the audit log is soon thrown away", "10 files or more")
}

finding contains f if {
	some c in control.without(control.api_server, {"audit-log-maxbackup", "audit-webhook-config-file"})
	f := control.missing(c, "audit-log-maxbackup", "low", "nothing says how many files of the audit log are kept")
}
