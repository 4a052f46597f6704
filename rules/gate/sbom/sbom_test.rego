# SPDX-License-Identifier: Apache-2.0

package sealock.gate.sbom_test

import data.sealock.gate.sbom

artifact := {"name": "shop", "digest": {"sha256": "aa"}}

other := {"name": "arm", "digest": {"sha256": "bb"}}

bom := {
	"bomFormat": "CycloneDX", "specVersion": "1.6", "metadata": {"component": {"bom-ref": "r", "properties": [{"name": "sealock:digest:sha256", "value": "aa"}]}},
	"components": [{"name": "a", "version": "1", "purl": "pkg:npm/a@1"}],
}

evidence(predicate) := {"kind": "sbom", "stage": "build", "digest": "sha256:01", "subjects": [artifact], "predicate": predicate}

scan(purl) := {
	"kind": "vulns", "stage": "scan", "digest": "sha256:02", "subjects": [artifact],
	"predicate": {"scanner": {"result": [{"id": "CVE-1", "annotations": [{"purl": purl, "name": "x", "version": "1"}]}]}},
}

defaults := {"allowEmpty": false, "incomplete": "refuse", "root": true}

codes(leaves, list, params) := found if {
	found := {r.code | some r in sbom.refuse} with input as {"leaves": leaves, "evidence": list}
		with data.params.sbom as object.union(defaults, params)
}

test_complete if codes([artifact], [evidence(bom), scan("pkg:npm/a@1")], {}) == set()

test_no_sbom_is_not_this_rules_business if codes([artifact], [scan("pkg:npm/a@1")], {}) == set()

test_platform_without_sbom if codes([artifact, other], [evidence(bom)], {}) == {"SBOM_MISSING"}

test_empty if codes([artifact], [evidence(object.union(bom, {"components": []}))], {}) == {"SBOM_EMPTY"}

test_empty_is_allowed if codes([artifact], [evidence(object.union(bom, {"components": []}))], {"allowEmpty": true}) == set()

test_incomplete_by_its_own_words if {
	e := evidence(object.union(bom, {"compositions": [{"aggregate": "incomplete", "assemblies": ["r"]}]}))
	codes([artifact], [e], {}) == {"SBOM_INCOMPLETE"}
	codes([artifact], [e], {"incomplete": "warn"}) == set()
	codes([artifact], [evidence(object.union(bom, {"compositions": [{"aggregate": "complete", "assemblies": ["r"]}]}))], {}) == set()
}

test_other_root if codes([artifact], [evidence(object.union(bom, {"metadata": {"component": {"properties": [{"name": "sealock:digest:sha256", "value": "bb"}]}}}))], {}) == {"SBOM_ROOT_MISMATCH"}

test_root_not_demanded if codes([artifact], [evidence(json.remove(bom, ["metadata"]))], {"root": false}) == set()

test_root_of_a_git_source if {
	source := {"name": "git", "digest": {"gitCommit": "cc", "gitTree256": "dd"}}
	root := {"component": {"properties": [{"name": "sealock:digest:gitTree256", "value": "dd"}]}}
	e := object.union(evidence(object.union(bom, {"metadata": root})), {"subjects": [source]})
	codes([source], [e], {}) == set()
	wrong := {"component": {"properties": [{"name": "sealock:digest:gitTree256", "value": "dd"}, {"name": "sealock:digest:gitCommit", "value": "ee"}]}}
	codes([source], [object.union(e, {"predicate": object.union(bom, {"metadata": wrong})})], {}) == {"SBOM_ROOT_MISMATCH"}
}

test_missing_package if codes([artifact], [evidence(bom), scan("pkg:npm/b@1")], {}) == {"SBOM_MISSES_PACKAGE"}

test_scan_of_another_platform if codes([artifact], [evidence(bom), object.union(scan("pkg:npm/b@1"), {"subjects": [other]})], {}) == set()

test_not_cyclonedx if codes([artifact], [evidence(json.patch(bom, [{"op": "replace", "path": "/bomFormat", "value": "SPDX"}]))], {}) == {"SBOM_INVALID"}

test_null if codes([artifact], [evidence(null)], {}) == {"SBOM_INVALID", "SBOM_EMPTY", "SBOM_ROOT_MISMATCH"}
