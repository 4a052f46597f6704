# SPDX-License-Identifier: Apache-2.0

package sealock.gate.test_test

artifact := {"name": "shop", "digest": {"sha256": "aa"}}

doc(predicate) := {"leaves": [artifact], "evidence": [{"kind": "test", "stage": "build", "digest": "sha256:01", "subjects": [artifact], "predicate": predicate}]}

codes(predicate) := found if {
	found := {r.code | some r in data.sealock.gate.test.refuse} with input as doc(predicate)
}

test_passed if codes({"result": "PASSED"}) == set()

test_failed if codes({"result": "FAILED"}) == {"TEST_FAILED"}

test_missing if codes({}) == {"TEST_FAILED"}

test_null if codes(null) == {"TEST_FAILED"}

test_other_case if codes({"result": "passed"}) == {"TEST_FAILED"}

test_passed_with_failures if codes({"result": "PASSED", "failedTests": ["a"]}) == {"TEST_FAILED"}

test_warned if {
	codes({"result": "WARNED"}) == set()
	some r in data.sealock.gate.test.warn with input as doc({"result": "WARNED"})
	r.code == "TEST_FAILED"
}
