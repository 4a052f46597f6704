# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The running system has no serious flaws
# description: Refuses findings of scanners of running systems, imported from SARIF, and scans that are not complete.
# related_resources:
# - ref: https://owasp.org/www-project-top-ten/
#   description: OWASP Top Ten
# custom:
#   id: dast
#   severity: high
#   remediation: Change the service as the tool says.
#   zeroTrust: [Z8, Z22]
#   kinds: [dast]
#   parameters:
#     refuse: {type: level, default: high, about: "the least severity that is refused"}
#     suppressed: {type: enum, values: [refuse, warn], default: warn, about: "what findings that a tool was told to ignore lead to, beside counting"}
#     tools: {type: strings, default: [], about: "the tools whose reports count; none means any"}
#     required: {type: strings, default: [], about: "the tools whose reports must all be there, where there is any"}
package sealock.gate.dast

import data.sealock.lib.findings

params := data.params.dast

refuse contains r if some r in findings.unsound("dast")

refuse contains r if some r in findings.above("dast", params.refuse, "SERVICE_FINDING")

refuse contains r if some r in findings.tools("dast", params.tools, params.required)

refuse contains r if {
	params.suppressed == "refuse"
	some r in findings.suppressions("dast")
}

warn contains r if {
	params.suppressed != "refuse"
	some r in findings.suppressions("dast")
}
