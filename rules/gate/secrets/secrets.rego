# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No secrets
# description: |
#   Refuses findings of the secret scan, scans that are not complete, and reports of other tools in place of the scan, unless they are listed. Beside a scan
#   of sealock's own, reports of any tool count.
# related_resources:
# - ref: https://cwe.mitre.org/data/definitions/798.html
#   description: Use of hard-coded credentials
# custom:
#   id: secrets
#   severity: critical
#   remediation: Revoke the secret where it was issued, then remove it from the tree and its history.
#   zeroTrust: [Z22, Z25, Z28]
#   kinds: [secrets]
#   parameters:
#     refuse: {type: level, default: low, about: "the least severity that is refused"}
#     tools: {type: strings, default: [], about: "the other tools whose reports count in place of sealock's own scan, exactly; none means no report does"}
#     suppressed: {type: enum, values: [refuse, warn], default: warn, about: "what markers in the tree that ask for findings to be ignored lead to"}
package sealock.gate.secrets

import data.sealock.lib.findings

params := data.params.secrets

refuse contains r if some r in findings.unsound("secrets")

refuse contains r if some r in findings.replaced("secrets", params.tools)

refuse contains r if some r in findings.above("secrets", params.refuse, "SECRET_FOUND")

refuse contains r if {
	params.suppressed == "refuse"
	some r in findings.suppressions("secrets")
}

warn contains r if {
	params.suppressed != "refuse"
	some r in findings.suppressions("secrets")
}
