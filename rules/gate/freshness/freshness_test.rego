# SPDX-License-Identifier: Apache-2.0

package sealock.gate.freshness_test

import data.sealock.gate.freshness

artifact := {"name": "shop", "digest": {"sha256": "aa"}}

now := 1795309200000000000 # 2026-11-22T01:00:00Z

predicate := {
	"scanner": {"result": [], "db": {"lastUpdate": "2026-11-21T00:00:00Z", "built": "2026-11-21T06:00:00Z"}},
	"metadata": {"scanStartedOn": "2026-11-22T00:06:00Z", "scanFinishedOn": "2026-11-22T00:07:00Z"},
}

doc(question, changes, stages) := {"question": question, "at": "2026-11-22T01:00:00Z", "leaves": [artifact], "stages": stages, "evidence": [{
	"kind": "vulns", "stage": "scan", "digest": "sha256:01", "subjects": [artifact], "time": "2026-11-22T00:08:00Z", "predicate": object.union(predicate, changes),
}]}

day := 86400000000000

defaults := {"evidence": {}, "data": 5 * day, "built": null}

codes(document, params) := found if {
	found := {r.code | some r in freshness.refuse} with input as document with data.params.freshness as object.union(defaults, params)
		with time.now_ns as now
}

db(date) := {"scanner": {"db": {"lastUpdate": date}}}

ended(date) := {"metadata": {"scanFinishedOn": date}}

test_fresh if codes(doc("enter", {}, []), {}) == set()

test_evidence_age if {
	codes(doc("enter", {}, []), {"evidence": {"vulns": 3600000000000}}) == set()
	codes(doc("enter", {}, []), {"evidence": {"vulns": 1800000000000}}) == {"EVIDENCE_STALE"}
}

test_signed_again_is_no_younger if codes(doc("enter", {"metadata": {"scanStartedOn": "2026-11-21T01:00:00Z", "scanFinishedOn": "2026-11-21T01:01:00Z"}}, []), {
	"evidence": {"vulns": 43200000000000}, "data": null,
}) == {"EVIDENCE_STALE"}

test_data_age if codes(doc("enter", db("2026-11-16T00:00:00Z"), []), {}) == {"DB_STALE"}

test_data_age_of_what_stays if {
	old := object.union(db("2026-11-01T00:00:00Z"), {"metadata": {"scanStartedOn": "2026-11-02T00:00:00Z", "scanFinishedOn": "2026-11-02T00:01:00Z"}})
	codes(doc("enter", old, []), {}) == {"DB_STALE"}
	codes(doc("stay", old, []), {}) == set()
}

test_data_age_off if codes(doc("enter", db("2020-01-01T00:00:00Z"), []), {"data": null}) == set()

test_built if codes(doc("enter", {"scanner": {"db": {"built": "2026-11-01T00:00:00Z"}}}, []), {"built": day}) == {"DB_STALE"}

test_malformed_date if codes(doc("enter", db("yesterday"), []), {}) == {"EVIDENCE_MALFORMED"}

test_date_as_number if codes(doc("enter", db(1795309200), []), {}) == {"EVIDENCE_MALFORMED"}

test_future if codes(doc("enter", ended("2099-01-01T00:00:00Z"), []), {}) == {"TIME_INCONSISTENT"}

test_finished_before_started if codes(doc("enter", ended("2026-11-22T00:05:59Z"), []), {}) == {"TIME_INCONSISTENT"}

test_data_newer_than_the_scan if codes(doc("enter", db("2026-11-22T00:50:00Z"), []), {}) == {"TIME_INCONSISTENT"}

test_receipts if {
	codes(doc("enter", {}, [{"name": "build", "startedOn": "2026-11-22T00:00:00Z", "finishedOn": "2026-11-22T00:01:00Z"}]), {}) == set()
	codes(doc("enter", {}, [{"name": "build", "startedOn": "2026-11-22T00:02:00Z", "finishedOn": "2026-11-22T00:01:00Z"}]), {}) == {"TIME_INCONSISTENT"}
	codes(doc("enter", {}, [{"name": "build", "startedOn": "", "finishedOn": "2026-11-22T00:01:00Z"}]), {}) == {"TIME_INCONSISTENT"}
	codes(doc("enter", {}, [{"name": "build", "startedOn": "2026-11-22T00:00:00Z", "finishedOn": "soon"}]), {}) == {"TIME_INCONSISTENT"}
	codes(doc("enter", {}, [{"name": "build", "startedOn": "2026-11-22T00:00:00Z", "finishedOn": "2099-01-01T00:00:00Z"}]), {}) == {"TIME_INCONSISTENT"}
	codes(doc("enter", {}, [{"name": "build", "startedOn": "2099-01-01T00:00:00Z", "finishedOn": "2099-01-01T00:00:00Z"}]), {}) == {"TIME_INCONSISTENT"}
	codes(doc("enter", {}, [{"name": "build"}]), {}) == {"TIME_INCONSISTENT"}
}

# What others attach may be of a type without any time, unless its age is judged.
attached(stage, time) := {"question": "enter", "at": "2026-11-22T01:00:00Z", "leaves": [artifact], "stages": [], "evidence": [{
	"kind": "test", "stage": stage, "digest": "sha256:02", "subjects": [artifact], "time": time, "predicate": {"result": "PASSED"},
}]}

test_time_of_what_is_attached if {
	codes(attached("", null), {}) == set()
	codes(attached("", null), {"evidence": {"test": day}}) == {"EVIDENCE_MALFORMED"}
	codes(attached("", "not a time"), {}) == {"EVIDENCE_MALFORMED"}
	codes(attached("check", null), {}) == {"EVIDENCE_MALFORMED"}
}
