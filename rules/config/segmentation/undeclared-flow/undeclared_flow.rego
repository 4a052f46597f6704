# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: "Only declared flows are possible"
# description: "The policy lists who may talk to whom, on which ports, with which methods and paths; what the manifests allow beside that is a way for an intruder that nobody meant to open. Off until the policy declares flows."
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/207/final
#   description: "NIST SP 800-207, 3.1.2 Micro-segmentation"
# - ref: https://csrc.nist.gov/pubs/sp/800/204/a/final
#   description: "NIST SP 800-204A, 4.4 Access control"
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: "NIST SP 800-53 rev. 5, AC-4"
# custom:
#   id: segmentation.undeclared-flow
#   severity: high
#   remediation: "Narrow the policy that the finding points at, or declare the flow in the gate's policy."
#   zeroTrust: [Z14, Z20, Z24, Z26]
#   kinds: [graph]
package sealock.config.segmentation.undeclared_flow

import data.sealock.lib.config_segmentation as net

finding contains f if {
	some d in net.differences
	d.kind == "undeclared"
	f := {"item": d.item, "path": d.path, "message": d.message, "found": d.found, "expected": d.expected}
}
