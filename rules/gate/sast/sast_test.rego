# SPDX-License-Identifier: Apache-2.0

package sealock.gate.sast_test

import data.sealock.gate.sast

artifact := {"name": "shop", "digest": {"sha256": "aa"}}

finding(severity) := {"rule": "r", "severity": severity, "message": "m", "path": "a/b.go", "line": 3, "fingerprint": "f1", "fingerprints": ["f2"], "tools": ["finder"]}

doc(findings, suppressed, complete, tools) := {"leaves": [artifact], "evidence": [{
	"kind": "sast", "predicateType": "https://github.com/sealock-dev/sealock/findings/v1", "stage": "source", "digest": "sha256:01", "subjects": [artifact],
	"predicate": {"category": "sast", "complete": complete, "findings": findings, "suppressed": suppressed, "scanner": {"name": "sealock"}, "tools": [{"name": t} | some t in tools]},
}]}

refused(document, params) := found if {
	found := {r | some r in sast.refuse} with input as document with data.params.sast as object.union(defaults, params)
}

defaults := {"refuse": "high", "suppressed": "warn", "tools": [], "required": []}

test_clean if refused(doc([], [], true, ["finder"]), {}) == set()

test_found if {
	some r in refused(doc([finding("high")], [], true, ["finder"]), {})
	r.code == "CODE_FINDING"
	startswith(r.message, "a/b.go:3: ")
	r.key == {"advisory": "r", "path": "a/b.go", "subject": "sha256:aa", "fingerprint": "f1", "aliases": ["f2"]}
}

test_below if refused(doc([finding("low")], [], true, ["finder"]), {"refuse": "medium"}) == set()

test_unknown_severity_counts if count(refused(doc([finding("unknown")], [], true, ["finder"]), {"refuse": "critical"})) == 1

test_incomplete if {r.code | some r in refused(doc([], [], false, ["finder"]), {})} == {"SCAN_INCOMPLETE"}

test_findings_missing if {r.code | some r in refused(doc(null, [], true, ["finder"]), {})} == {"EVIDENCE_MALFORMED"}

test_tool_without_name if {r.code | some r in refused(doc([], [], true, [""]), {})} == {"EVIDENCE_MALFORMED"}

test_tool_listed if refused(doc([], [], true, ["finder"]), {"tools": ["finder"], "required": ["finder"]}) == set()

test_tool_not_listed if {r.code | some r in refused(doc([], [], true, ["finder", "other"]), {"tools": ["finder"]})} == {"TOOL_NOT_ALLOWED"}

test_tool_missing if {r.code | some r in refused(doc([], [], true, ["finder"]), {"required": ["finder", "other"]})} == {"TOOL_MISSING"}

test_nothing_to_judge if refused({"leaves": [artifact], "evidence": []}, {"required": ["finder"]}) == set()

marker := {"path": "a.go", "kind": "finder: in the source"}

test_suppressed_warns if {
	refused(doc([], [marker], true, ["finder"]), {}) == set()
	some r in sast.warn with input as doc([], [marker], true, ["finder"]) with data.params.sast as defaults
	r.code == "SUPPRESSION_FOUND"
}

test_suppressed_refuses if {r.code | some r in refused(doc([], [marker], true, ["finder"]), {"suppressed": "refuse"})} == {"SUPPRESSION_FOUND"}
