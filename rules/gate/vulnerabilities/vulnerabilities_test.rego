# SPDX-License-Identifier: Apache-2.0

package sealock.gate.vulnerabilities_test

import data.sealock.gate.vulnerabilities

artifact := {"name": "shop", "digest": {"sha256": "aa"}}

annotation := {
	"purl": "pkg:npm/a@1", "name": "a", "version": "1", "fixState": "fixed", "fixedIn": ["2"], "published": "2026-11-20T00:00:00Z", "kev": false, "epss": 0.1,
	"aliases": ["GHSA-1"],
}

# doc(severity, changes) is evidence of one result.
doc(severity, changes) := {"leaves": [artifact], "evidence": [{
	"kind": "vulns", "predicateType": "https://in-toto.io/attestation/vulns/v0.2", "stage": "scan", "digest": "sha256:01", "subjects": [artifact],
	"time": "2026-11-22T00:00:00Z",
	"predicate": {"scanner": {"result": [{"id": "CVE-1", "severity": severity, "annotations": [object.union(annotation, changes)]}]}},
}]}

defaults := {"refuse": "high", "refuseExploited": true, "epss": null, "unknown": "critical", "grace": null, "onlyFixable": false}

word(w) := [{"method": "sealock", "score": w}]

codes(document, params) := found if {
	found := {r.code | some r in vulnerabilities.refuse} with input as document
		with data.params.vulnerabilities as object.union(defaults, params)
}

warned(document, params) := found if {
	found := {r.code | some r in vulnerabilities.warn} with input as document
		with data.params.vulnerabilities as object.union(defaults, params)
		with time.now_ns as 1795305600000000000
}

test_below if codes(doc(word("medium"), {}), {}) == set()

test_at if codes(doc(word("high"), {}), {}) == {"VULNERABILITY"}

test_threshold if codes(doc(word("medium"), {}), {"refuse": "medium"}) == {"VULNERABILITY"}

test_worst_source if codes(doc([{"score": "low"}, {"score": "9.8"}], {}), {}) == {"VULNERABILITY"}

test_vector_beside_a_word if codes(doc([{"score": "low"}, {"score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], {}), {}) == set()

test_vector_alone if codes(doc([{"score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}], {}), {}) == {"VULNERABILITY"}

test_unknown if codes(doc(word("unknown"), {}), {}) == {"VULNERABILITY"}

test_unknown_ignored if codes(doc(word("unknown"), {}), {"unknown": "ignore"}) == set()

test_exploited_whatever_its_severity if codes(doc(word("low"), {"kev": true}), {}) == {"VULNERABILITY_EXPLOITED"}

test_exploited_has_no_grace if codes(doc(word("high"), {"kev": true}), {"grace": 604800000000000, "onlyFixable": true}) == {"VULNERABILITY_EXPLOITED"}

test_epss if codes(doc(word("low"), {"epss": 0.5}), {"epss": 0.5}) == {"VULNERABILITY"}

test_grace if warned(doc(word("high"), {}), {"grace": 604800000000000}) == {"VULNERABILITY"}

test_grace_is_over if warned(doc(word("high"), {"published": "2026-11-01T00:00:00Z"}), {"grace": 604800000000000}) == set()

test_no_fix_only_warns if warned(doc(word("high"), {"fixState": "wont-fix"}), {"onlyFixable": true}) == {"VULNERABILITY"}

test_malformed if codes(doc(word("low"), {"kev": "no"}), {}) == {"EVIDENCE_MALFORMED"}

test_nothing_to_judge if codes({"leaves": [], "evidence": []}, {}) == set()

test_older_predicates_need_no_annotation if {
	old := json.patch(doc(word("low"), {}), [
		{"op": "replace", "path": "/evidence/0/predicateType", "value": "https://cosign.sigstore.dev/attestation/vuln/v1"},
		{"op": "remove", "path": "/evidence/0/predicate/scanner/result/0/annotations"},
	])
	codes(old, {}) == set()
	codes(old, {"refuse": "low", "onlyFixable": true}) == {"VULNERABILITY"}
}

test_what_a_waiver_can_name if {
	some r in vulnerabilities.refuse with input as doc(word("high"), {}) with data.params.vulnerabilities as defaults
	r.key == {"advisory": "CVE-1", "aliases": ["GHSA-1"], "purl": "pkg:npm/a@1", "subject": "sha256:aa"}
	r.fix == "upgrade pkg:npm/a@1 to 2"
}
