# SPDX-License-Identifier: Apache-2.0

package sealock.gate.licenses_test

import data.sealock.gate.licenses

artifact := {"name": "shop", "digest": {"sha256": "aa"}}

doc(licenses) := {"leaves": [artifact], "evidence": [{
	"kind": "sbom", "stage": "build", "digest": "sha256:01", "subjects": [artifact],
	"predicate": {"components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1", "licenses": licenses}]},
}]}

expression(text) := doc([{"expression": text}])

defaults := {"allow": ["MIT", "Apache-2.0"], "deny": [], "unknown": "warn"}

refused(document, params) := found if {
	found := {r.code | some r in licenses.refuse} with input as document with data.params.licenses as object.union(defaults, params)
}

warned(document, params) := found if {
	found := {r.code | some r in licenses.warn} with input as document with data.params.licenses as object.union(defaults, params)
}

test_allowed if refused(doc([{"license": {"id": "MIT"}}]), {}) == set()

test_not_allowed if refused(doc([{"license": {"id": "GPL-3.0-only"}}]), {}) == {"LICENSE_NOT_ALLOWED"}

test_one_of_two if refused(expression("GPL-3.0-only OR MIT"), {}) == set()

test_both if refused(expression("GPL-3.0-only AND MIT"), {}) == {"LICENSE_NOT_ALLOWED"}

test_all_of_a_list if refused(doc([{"license": {"id": "MIT"}}, {"license": {"id": "GPL-3.0-only"}}]), {}) == {"LICENSE_NOT_ALLOWED"}

test_exception if refused(expression("Apache-2.0 WITH LLVM-exception"), {}) == set()

test_denied if refused(expression("GPL-3.0-only"), {"allow": [], "deny": ["gpl-3.0-only"]}) == {"LICENSE_NOT_ALLOWED"}

test_not_denied if refused(expression("BSD-3-Clause"), {"allow": [], "deny": ["GPL-3.0-only"]}) == set()

test_silent_without_lists if {
	refused(expression("GPL-3.0-only"), {"allow": []}) == set()
	warned(doc([]), {"allow": []}) == set()
}

test_none if {
	refused(doc([]), {}) == set()
	warned(doc([]), {}) == {"LICENSE_UNKNOWN"}
	warned(doc(null), {}) == {"LICENSE_UNKNOWN"}
}

test_none_refused if refused(doc([]), {"unknown": "refuse"}) == {"LICENSE_UNKNOWN"}

test_none_ignored if warned(doc([]), {"unknown": "ignore"}) == set()

test_free_text if warned(doc([{"license": {"name": "My (own"}}]), {}) == {"LICENSE_UNKNOWN"}

test_free_text_listed if warned(doc([{"license": {"name": "My (own"}}]), {"allow": ["my (OWN"]}) == set()
