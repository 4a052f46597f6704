# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Configuration is safe
# description: |
#   Refuses findings of the configuration scan, scans that are not complete, and reports of other tools in place of the scan, unless they are listed. Beside a scan
#   of sealock's own, reports of any tool count.
# related_resources:
# - ref: https://www.cisa.gov/resources-tools/resources/kubernetes-hardening-guide
#   description: Kubernetes hardening guide
# custom:
#   id: config
#   severity: high
#   remediation: Change the file as the finding says.
#   zeroTrust: [Z10, Z13, Z14, Z15, Z24, Z25, Z27]
#   kinds: [config]
#   parameters:
#     refuse: {type: level, default: high, about: "the least severity that is refused"}
#     tools: {type: strings, default: [], about: "the other tools whose reports count in place of sealock's own scan, exactly; none means no report does"}
#     suppressed: {type: enum, values: [refuse, warn], default: warn, about: "what markers in the tree that ask for findings to be ignored lead to"}
package sealock.gate.config

import data.sealock.lib.findings

params := data.params.config

refuse contains r if some r in findings.unsound("config")

refuse contains r if some r in findings.replaced("config", params.tools)

refuse contains r if some r in findings.above("config", params.refuse, "CONFIG_FINDING")

refuse contains r if {
	params.suppressed == "refuse"
	some r in findings.suppressions("config")
}

warn contains r if {
	params.suppressed != "refuse"
	some r in findings.suppressions("config")
}
