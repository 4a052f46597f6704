# SPDX-License-Identifier: Apache-2.0

package sealock.gate.provenance_test

import data.sealock.gate.provenance

artifact := {"name": "shop", "digest": {"sha256": "aa"}}

v1 := {
	"buildDefinition": {
		"externalParameters": {"target": "image"},
		"resolvedDependencies": [{"uri": "git+https://example.com/acme/shop@refs/heads/main", "digest": {"gitCommit": "cc"}}],
	},
	"runDetails": {"builder": {"id": "https://example.com/builder"}, "metadata": {"startedOn": "2026-11-22T00:02:00Z", "finishedOn": "2026-11-22T00:03:00Z"}},
}

v02 := {
	"builder": {"id": "https://example.com/builder"},
	"invocation": {"configSource": {"uri": "git+https://example.com/acme/shop@refs/heads/main"}, "parameters": {"target": "image"}},
	"materials": [{"uri": "git+https://example.com/acme/shop@refs/heads/main", "digest": {"sha1": "cc"}}],
	"metadata": {"buildStartedOn": "2026-11-22T00:02:00Z", "buildFinishedOn": "2026-11-22T00:03:00Z"},
}

types := {"v1": "https://slsa.dev/provenance/v1", "v0.2": "https://slsa.dev/provenance/v0.2"}

doc(version, predicate, materials) := {
	"leaves": [artifact],
	"stages": [{"name": "build", "materials": materials}],
	"evidence": [{
		"kind": "provenance", "predicateType": types[version], "stage": "build", "digest": "sha256:01", "subjects": [artifact],
		"time": "2026-11-22T00:04:00Z", "predicate": predicate,
	}],
}

defaults := {"builders": [], "sources": [], "parameters": null}

codes(document, params) := found if {
	found := {r.code | some r in provenance.refuse} with input as document with data.params.provenance as object.union(defaults, params)
		with time.now_ns as 1795309200000000000
}

agreed := {"builders": ["https://example.com/builder"], "sources": ["https://example.com/acme/shop"], "parameters": {"target": ["image"]}}

test_as_agreed if {
	codes(doc("v1", v1, [{"name": "https://example.com/acme/shop", "digest": {"gitCommit": "cc"}}]), agreed) == set()
	codes(doc("v0.2", v02, [{"name": "https://example.com/acme/shop", "digest": {"gitCommit": "cc"}}]), agreed) == set()
}

test_builder if {
	codes(doc("v1", v1, []), {"builders": ["https://example.com/build"]}) == {"PROVENANCE_BUILDER"}
	codes(doc("v0.2", v02, []), {"builders": ["https://example.com/build"]}) == {"PROVENANCE_BUILDER"}
}

test_source if {
	codes(doc("v1", v1, []), {"sources": ["https://example.com/acme"]}) == {"PROVENANCE_SOURCE"}
	codes(doc("v0.2", v02, []), {"sources": ["https://example.com/acme"]}) == {"PROVENANCE_SOURCE"}
}

test_parameters if {
	codes(doc("v1", v1, []), {"parameters": {}}) == {"PARAMETERS"}
	codes(doc("v1", v1, []), {"parameters": {"target": ["test"]}}) == {"PARAMETERS"}
	codes(doc("v0.2", v02, []), {"parameters": {"target": ["image"], "more": ["x"]}}) == {"PARAMETERS"}
}

test_other_bytes if {
	codes(doc("v1", v1, [{"name": "https://example.com/acme/shop", "digest": {"gitCommit": "dd"}}]), {}) == {"MATERIAL_MISMATCH"}
	codes(doc("v0.2", v02, [{"name": "https://example.com/acme/shop", "digest": {"gitCommit": "dd"}}]), {}) == {"MATERIAL_MISMATCH"}
}

test_receipts_are_no_materials if codes(doc("v1", v1, [{"name": "receipt:source", "digest": {"sha256": "dd"}}]), {}) == set()

test_times if codes(doc("v1", json.patch(v1, [{"op": "replace", "path": "/runDetails/metadata/finishedOn", "value": "2026-11-22T00:01:00Z"}]), []), {}) == {"TIME_INCONSISTENT"}

test_signed_before_the_end if codes(doc("v1", json.patch(v1, [{"op": "replace", "path": "/runDetails/metadata/finishedOn", "value": "2026-11-22T00:50:00Z"}]), []), {}) == {"TIME_INCONSISTENT"}

test_malformed if codes(doc("v1", {}, []), {}) == {"EVIDENCE_MALFORMED"}

test_v1_under_the_type_of_v02 if codes(doc("v0.2", v1, []), {}) == {"EVIDENCE_MALFORMED"}
