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

# One finding for all that one rule of a policy opens between two ends.
finding contains f if {
	some key, all in between
	[from, to, item, path] := key
	some expected in {d.expected | some d in all}
	f := {
		"item": item, "path": path, "message": sprintf("%s may connect to %s, which is not declared: %s", [from, to, concat("; ", sort({d.found | some d in all; d.expected == expected}))]),
		"found": concat("; ", sort({d.found | some d in all; d.expected == expected})), "expected": expected,
	}
}

between[[d.from, d.to, d.item, d.path]] contains d if {
	some d in net.differences
	d.kind == "undeclared"
}
