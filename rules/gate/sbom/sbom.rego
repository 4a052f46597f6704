# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The SBOM is complete
# description: |
#   Every platform of the artifact has an SBOM about it, which is CycloneDX, not empty, carries the artifact's digest in its root component, does not
#   say itself that it is incomplete, and lists every package in which the vulnerability scan found something.
# related_resources:
# - ref: https://cyclonedx.org/specification/overview/
#   description: CycloneDX
# custom:
#   id: sbom
#   severity: high
#   remediation: Make the SBOM of exactly this artifact, with a tool that sees all of its packages.
#   zeroTrust: [Z1, Z8, Z29]
#   kinds: [sbom, vulns]
#   parameters:
#     allowEmpty: {type: boolean, default: false, about: "accept an SBOM without any component"}
#     incomplete: {type: enum, values: [refuse, warn, ignore], default: refuse, about: "what an SBOM leads to that says of itself that it is incomplete, or that this is not known"}
#     root: {type: boolean, default: true, about: "demand that the root component carries the artifact's digest"}
package sealock.gate.sbom

import data.sealock.lib

params := data.params.sbom

boms := lib.read("sbom")

refuse contains r if {
	some d in boms
	some r in lib.unreadable(d, "SBOM_INVALID")
}

refuse contains r if {
	count(boms) > 0
	some leaf in input.leaves
	count(boms_of(leaf)) == 0
	r := {
		"code": "SBOM_MISSING",
		"message": sprintf("there is no SBOM about %s (%s)", [leaf.name, lib.digest_text(leaf.digest)]),
		"expected": sprintf("an SBOM for each of the %d platforms", [count(input.leaves)]),
		"found": sprintf("SBOMs about %s", [lib.first(concat(", ", {lib.digest_text(s.digest) | some d in boms; some s in d.subjects}))]),
		"fix": "run the stage that writes the SBOM again, for every platform",
		"key": {"subject": lib.digest_text(leaf.digest)},
	}
}

boms_of(leaf) := [d | some d in boms; lib.about(d.subjects, leaf)]

refuse contains r if {
	not params.allowEmpty
	some d in boms
	d.components == 0
	r := reason(
		d, "SBOM_EMPTY", sprintf("the SBOM of stage %q lists nothing beyond the artifact itself", [d.stage]), "at least one component", "none",
		"scan the artifact with its lockfiles or installed packages in it; for an artifact that has none set the rule's parameter allowEmpty", d.ref.subject,
	)
}

refuse contains r if {
	params.incomplete == "refuse"
	some r in incomplete
}

warn contains r if {
	params.incomplete == "warn"
	some r in incomplete
}

incomplete contains r if {
	some d in boms
	count(d.gaps) > 0
	r := reason(
		d, "SBOM_INCOMPLETE", sprintf("the SBOM of stage %q says itself that it is not complete", [d.stage]), "complete, or nothing said of it", lib.first(concat(", ", {g | some g in d.gaps})),
		"make the SBOM with a tool that sees all of the artifact; where it can't, set the rule's parameter incomplete: warn", d.ref.subject,
	)
}

refuse contains r if {
	params.root
	some leaf in input.leaves
	some d in boms_of(leaf)
	not carries(d.root, leaf.digest)
	r := reason(
		d, "SBOM_ROOT_MISMATCH", sprintf("the SBOM of stage %q does not say that it is of %s", [d.stage, leaf.name]), lib.digest_text(leaf.digest), root_text(d.root),
		"make the SBOM of exactly this artifact; SBOMs of tools that leave its digest out need the rule's parameter root: false", lib.digest_text(leaf.digest),
	)
}

# carries(root, digest) holds if a strong digest of the artifact is the root's, and the root has no other for any algorithm.
carries(root, digest) if {
	some alg in ["sha256", "sha384", "sha512", "gitTree256"]
	root[alg] == [digest[alg]]
	every other, values in root { values == [object.get(digest, other, values[0])] }
}

root_text(root) := "no digest" if {
	count(root) == 0
} else := concat(", ", [concat(":", [alg, hex]) | some alg, values in root; some hex in values])

# One reason for each scan: what it found something in, and the SBOM does not list.
refuse contains r if {
	some leaf in input.leaves
	count(boms_of(leaf)) > 0
	some scan in lib.read("vulns")
	lib.about(scan.subjects, leaf)
	missing := scan.packages - union({d.packages | some d in boms_of(leaf)})
	count(missing) > 0
	r := reason(
		scan, "SBOM_MISSES_PACKAGE", sprintf("the vulnerability scan saw packages of %s that its SBOM does not list: %s", [leaf.name, lib.first(concat(", ", missing))]),
		"an SBOM that lists every package of the scan", sprintf("%d missing", [count(missing)]),
		"make the SBOM and the scan of the same content, then run both stages again", lib.digest_text(leaf.digest),
	)
}

reason(d, code, message, expected, found, fix, subject) := {
	"code": code,
	"message": message,
	"expected": expected,
	"found": found,
	"fix": fix,
	"evidence": d.digest,
	"key": {"subject": subject},
}
