# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Code has no serious flaws
# description: Refuses findings of scanners of code, imported from SARIF, and scans that are not complete.
# related_resources:
# - ref: https://cwe.mitre.org/top25/
#   description: Most dangerous software weaknesses
# custom:
#   id: sast
#   severity: high
#   remediation: Change the code as the tool says.
#   zeroTrust: [Z8, Z22]
#   kinds: [sast]
#   parameters:
#     refuse: {type: level, default: high, about: "the least severity that is refused"}
#     suppressed: {type: enum, values: [refuse, warn], default: warn, about: "what findings that a tool was told to ignore lead to, beside counting"}
#     tools: {type: strings, default: [], about: "the tools whose reports count; none means any"}
#     required: {type: strings, default: [], about: "the tools whose reports must all be there, where there is any"}
package sealock.gate.sast

import data.sealock.lib.findings

params := data.params.sast

refuse contains r if some r in findings.unsound("sast")

refuse contains r if some r in findings.above("sast", params.refuse, "CODE_FINDING")

refuse contains r if some r in findings.tools("sast", params.tools, params.required)

refuse contains r if {
	params.suppressed == "refuse"
	some r in findings.suppressions("sast")
}

warn contains r if {
	params.suppressed != "refuse"
	some r in findings.suppressions("sast")
}
