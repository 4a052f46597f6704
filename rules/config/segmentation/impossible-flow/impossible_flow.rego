# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Declared flows are possible"
# description: "A flow that the policy declares and the manifests don't allow is either a service that will not work, or a declaration that has outlived its service and is a way waiting to be opened."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/207/final
#   description: "NIST SP 800-207, 3.1.2 Micro-segmentation"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-4"
# custom:
#   id: segmentation.impossible-flow
#   severity: medium
#   remediation: "Allow the flow at the end that the finding names, or take it out of the gate's policy."
#   zeroTrust: [Z14, Z26]
#   kinds: [graph]
package sealock.config.segmentation.impossible_flow

import data.sealock.lib.config_segmentation as net

finding contains f if {
	some d in net.differences
	d.kind == "impossible"
	f := {"item": d.item, "path": d.path, "message": d.message, "found": d.found, "expected": d.expected}
}
