# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Tests passed
# description: Refuses test results other than PASSED; WARNED is told.
# related_resources:
# - ref: https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md
#   description: in-toto test result predicate
# custom:
#   id: test
#   severity: high
#   remediation: Make the failing tests pass, then run the stage again.
#   zeroTrust: [Z8, Z12]
#   kinds: [test]
package sealock.gate.test

import data.sealock.lib

refuse contains reason(d, sprintf("the tests of stage %q did not pass", [d.stage]), d.result) if {
	some d in lib.read("test")
	not d.result in {"PASSED", "WARNED"}
}

# A result that says passed and names failures says two things; the worse one counts.
refuse contains reason(d, sprintf("the tests of stage %q name failed tests", [d.stage]), lib.first(concat(", ", d.failed))) if {
	some d in lib.read("test")
	count(d.failed) > 0
}

warn contains reason(d, sprintf("the tests of stage %q passed with warnings", [d.stage]), "WARNED") if {
	some d in lib.read("test")
	d.result == "WARNED"
}

reason(d, message, found) := {
	"code": "TEST_FAILED",
	"message": message,
	"expected": "result: PASSED",
	"found": found,
	"fix": "make the failing tests pass, then run the stage again",
	"evidence": d.digest,
	"key": {"subject": d.ref.subject},
}
