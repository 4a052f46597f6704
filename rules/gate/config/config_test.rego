# SPDX-License-Identifier: Apache-2.0

package sealock.gate.config_test

import data.sealock.gate.config

artifact := {"name": "shop", "digest": {"sha256": "aa"}}

finding(severity) := {"rule": "r", "severity": severity, "message": "m", "path": "a/b.yaml", "line": 3}

doc(findings, suppressed, complete) := {"leaves": [artifact], "evidence": [{
	"kind": "config", "predicateType": "https://github.com/sealock-dev/sealock/findings/v1", "stage": "source", "digest": "sha256:01", "subjects": [artifact],
	"predicate": {"category": "config", "complete": complete, "findings": findings, "suppressed": suppressed},
}]}

refused(document, params) := found if {
	found := {r | some r in config.refuse} with input as document with data.params.config as params
}

defaults := {"refuse": "high", "suppressed": "warn"}

test_clean if refused(doc([], [], true), defaults) == set()

test_found if {
	some r in refused(doc([finding("high")], [], true), defaults)
	r.code == "CONFIG_FINDING"
	startswith(r.message, "a/b.yaml:3: ")
	r.key == {"advisory": "r", "path": "a/b.yaml", "subject": "sha256:aa"}
}

test_below if refused(doc([finding("low")], [], true), {"refuse": "medium", "suppressed": "warn"}) == set()

test_unknown_severity_counts if count(refused(doc([finding("sever")], [], true), {"refuse": "critical", "suppressed": "warn"})) == 1

test_incomplete if {r.code | some r in refused(doc([], [], false), defaults)} == {"SCAN_INCOMPLETE"}

test_findings_missing if {r.code | some r in refused(doc(null, [], true), defaults)} == {"EVIDENCE_MALFORMED"}

marker := {"path": "a.go", "kind": "ignore"}

test_suppressed_warns if {
	refused(doc([], [marker], true), defaults) == set()
	some r in config.warn with input as doc([], [marker], true) with data.params.config as defaults
	r.code == "SUPPRESSION_FOUND"
}

test_suppressed_refuses if {r.code | some r in refused(doc([], [marker], true), {"refuse": "high", "suppressed": "refuse"})} == {"SUPPRESSION_FOUND"}

test_finding_speaks_for_itself if {
	full := object.union(finding("high"), {"resource": "Deployment shop/auth", "found": "privileged: true", "expected": "false", "fix": "leave it out"})
	some r in refused(doc([full], [], true), defaults)
	r.found == "privileged: true"
	r.expected == "false"
	r.fix == "leave it out"
	r.key.resource == "Deployment shop/auth"
}

# report(tools) is evidence that rests on the reports of other tools.
report(tools) := object.union(scanned, {"digest": "sha256:02", "predicate": object.union(scanned.predicate, {"tools": tools})}) if {
	scanned := doc([], [], true).evidence[0]
}

judged(evidence, tools) := {r.code | some r in refused({"leaves": [artifact], "evidence": evidence}, object.union(defaults, {"tools": tools}))}

test_report_in_place_of_the_scan if judged([report([{"name": "finder"}])], []) == {"TOOL_NOT_ALLOWED"}

test_report_under_our_name if judged([report([{"name": "sealock"}])], []) == {"TOOL_NOT_ALLOWED"}

test_report_of_a_listed_tool if judged([report([{"name": "finder"}])], ["finder"]) == set()

test_report_beside_the_scan if judged([doc([], [], true).evidence[0], report([{"name": "finder"}])], []) == set()

test_report_beside_a_scan_of_something_else if {
	other := object.union(doc([], [], true).evidence[0], {"subjects": [{"name": "x", "digest": {"sha256": "bb"}}]})
	judged([other, report([{"name": "finder"}])], []) == {"TOOL_NOT_ALLOWED"}
}
