# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "The API server keeps an audit log"
# description: "Without an audit log nobody can say afterwards who did what in the cluster."
# related_resources:
# - ref: https://www.cisecurity.org/benchmark/kubernetes
#   description: "CIS Kubernetes Benchmark 1.10, 1.2.16"
# - ref: https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF
#   description: "NSA/CISA Kubernetes Hardening Guide 1.2, Audit logging and threat detection"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AU-2"
# custom:
#   id: identity.audit-log
#   severity: medium
#   remediation: "Set --audit-log-path and --audit-policy-file, and send the log off the node."
#   zeroTrust: [Z19]
#   kinds: [kubernetes]
package sealock.config.identity.audit_log

import data.sealock.lib.config_control_plane as control

finding contains f if {
	some c in control.without(control.api_server, {"audit-log-path", "audit-webhook-config-file"})
	f := control.missing(c, "audit-log-path", "medium", "no audit log is written")
}
