# SPDX-License-Identifier: Apache-2.0

package sealock.gate.scanners_test

import data.sealock.gate.scanners

artifact := {"name": "shop", "digest": {"sha256": "aa"}}

evidence(kind, predicate) := {"leaves": [artifact], "evidence": [{"kind": kind, "stage": "scan", "digest": "sha256:01", "subjects": [artifact], "predicate": predicate}]}

vulns(uri, version) := evidence("vulns", {"scanner": {"uri": uri, "version": version, "result": []}})

secrets(scanner) := evidence("secrets", {"scanner": scanner, "findings": []})

found(document, params) := codes if {
	codes := {r.code | some r in scanners.refuse} with input as document with data.params.scanners as object.union({"trusted": null, "untrusted": null}, params)
}

test_nothing_set if found(vulns("x", "1"), {}) == set()

test_trusted if {
	every v in [["1.2.3"], [">=1.0.0 <2.0.0"], [">=9.0.0", "*"], [], ["v1.2.3"], ["=1.2.3"], [">1.2.2"], ["<=1.2.3"]] {
		found(vulns("https://example.org/tools/grype", "v1.2.3"), {"trusted": {"grype": v}}) == set()
	}
}

test_not_trusted if {
	every c in [["other", "1.2.3"], ["grype", "1.2.4"], ["grype", "2.0.0-rc1"], ["grype", "unknown"], ["grype", ""], ["", "1.2.3"], ["grype/fork", "1.2.3"], ["mygrype", "1.2.3"]] {
		found(vulns(c[0], c[1]), {"trusted": {"grype": ["1.2.3"]}}) == {"TOOL_NOT_TRUSTED"}
	}
}

test_untrusted_release if {
	list := {"untrusted": {"trivy": [">=0.69.4 <=0.69.6"]}}
	every v in ["0.69.4", "v0.69.5", "0.69.6", "dev", ""] { found(vulns("trivy", v), list) == {"TOOL_NOT_TRUSTED"} }
	every v in ["0.69.3", "0.69.7", "1.0.0"] { found(vulns("trivy", v), list) == set() }
	found(vulns("grype", "0.69.5"), list) == set()
}

test_untrusted_wherever_it_stands if {
	found(vulns("trivy", "0.69.5"), {"trusted": {"trivy": []}, "untrusted": {"trivy": ["0.69.5"]}}) == {"TOOL_NOT_TRUSTED"}
}

test_untrusted_at_all if found(secrets({"name": "leaker", "version": "1.0.0"}), {"untrusted": {"leaker": []}}) == {"TOOL_NOT_TRUSTED"}

test_rules_of_the_tool if {
	list := {"trusted": {"gitleaks": ["sha256:11"]}}
	found(secrets({"name": "gitleaks", "version": "8", "rulesDigest": "sha256:11"}), list) == set()
	found(secrets({"name": "gitleaks", "version": "8", "rulesDigest": "sha256:22"}), list) == {"TOOL_NOT_TRUSTED"}
}

test_every_tool_of_a_report if {
	p := {"scanner": {"name": "sealock"}, "tools": [{"name": "a", "version": "1.0.0"}, {"name": "b", "version": "1.0.0"}]}
	found(evidence("sast", p), {"trusted": {"a": [], "b": []}}) == set()
	found(evidence("sast", p), {"trusted": {"a": [], "sealock": []}}) == {"TOOL_NOT_TRUSTED"}
}

test_what_cannot_be_read_is_not_trusted if {
	every p in [null, [], {}, {"scanner": "x"}, {"scanner": {"name": 7}}, {"tools": "x"}, {"tools": [7]}] {
		found(evidence("sast", p), {"trusted": {"a": []}}) == {"TOOL_NOT_TRUSTED"}
	}
}

test_reason if {
	some r in scanners.refuse with input as vulns("trivy", "0.69.5") with data.params.scanners as {"trusted": null, "untrusted": {"trivy": ["0.69.5"]}}
	r.expected == "not trivy 0.69.5"
	r.found == "trivy 0.69.5"
	r.key == {"subject": "sha256:aa"}
}
