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

fix := "make the failing tests pass, then run the stage again"

refuse contains reason(e, sprintf("the tests of stage %q did not pass", [e.stage]), lib.found(e.predicate, "result")) if {
	some e in lib.evidence("test")
	not e.predicate.result == "PASSED"
	not e.predicate.result == "WARNED"
}

# A result that says passed and names failures says two things; the worse one counts.
refuse contains reason(e, sprintf("the tests of stage %q name failed tests", [e.stage]), lib.show(e.predicate.failedTests)) if {
	some e in lib.evidence("test")
	not object.get(e.predicate, "failedTests", []) in [[], null]
}

warn contains reason(e, sprintf("the tests of stage %q passed with warnings", [e.stage]), "WARNED") if {
	some e in lib.evidence("test")
	e.predicate.result == "WARNED"
}

reason(e, message, what) := {
	"code": "TEST_FAILED",
	"message": message,
	"expected": "result: PASSED",
	"found": what,
	"fix": fix,
	"evidence": e.digest,
	"key": {"subject": lib.subject_of(e)},
}
