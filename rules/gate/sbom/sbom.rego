# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The SBOM is complete
# description: |
#   Every platform of the artifact has an SBOM about it, which is CycloneDX, not empty, carries the artifact's digest in its root component, and lists
#   every package in which the vulnerability scan found something.
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
#     root: {type: boolean, default: true, about: "demand that the root component carries the artifact's digest"}
package sealock.gate.sbom

import data.sealock.lib
import data.sealock.lib.purl

params := data.params.sbom

documents := lib.evidence("sbom")

refuse contains r if {
	some e in documents
	some problem in problems(e.predicate)
	r := reason(
		e, "SBOM_INVALID", sprintf("the SBOM of stage %q can't be used: %s", [e.stage, problem[0]]), problem[1], problem[2],
		"write the SBOM as CycloneDX JSON", lib.subject_of(e),
	)
}

problems(p) := {["it is not CycloneDX", "bomFormat: CycloneDX", lib.found(p, "bomFormat")] | not p.bomFormat == "CycloneDX"} |
({["it has no version of CycloneDX", "specVersion: 1.n", lib.found(p, "specVersion")] | not regex.match(`^1\.[0-9]+$`, lib.str(p, "specVersion"))} |
({["its components are not a list", "components: a list", lib.found(p, "components")] | not listed(p)} |
{["a component is not an object with a name", "components with names", lib.show(c)] | some c in lib.array(p, "components"); not lib.word(c.name)}))

# CycloneDX lets an empty list of components be left out.
listed(p) if is_array(p.components)

listed(p) if {
	is_object(p)
	not "components" in object.keys(p)
}

refuse contains r if {
	count(documents) > 0
	some leaf in input.leaves
	count([e | some e in documents; lib.about(e, leaf)]) == 0
	r := {
		"code": "SBOM_MISSING",
		"message": sprintf("there is no SBOM about %s (%s)", [leaf.name, lib.digest_text(leaf.digest)]),
		"expected": sprintf("an SBOM for each of the %d platforms", [count(input.leaves)]),
		"found": sprintf("SBOMs about %s", [lib.show(concat(", ", {lib.digest_text(s.digest) | some e in documents; some s in e.subjects}))]),
		"fix": "run the stage that writes the SBOM again, for every platform",
		"key": {"subject": lib.digest_text(leaf.digest)},
	}
}

refuse contains r if {
	not params.allowEmpty
	some e in documents
	count(beyond_root(e.predicate)) == 0
	r := reason(
		e, "SBOM_EMPTY", sprintf("the SBOM of stage %q lists nothing beyond the artifact itself", [e.stage]), "at least one component", "none",
		"scan the artifact with its lockfiles or installed packages in it; for an artifact that has none set the rule's parameter allowEmpty",
		lib.subject_of(e),
	)
}

beyond_root(p) := [1 |
	some c in lib.array(p, "components")
	is_object(c)
	not is_root(p, c)
]

is_root(p, c) if {
	lib.word(p.metadata.component["bom-ref"])
	c["bom-ref"] == p.metadata.component["bom-ref"]
}

refuse contains r if {
	params.root
	some e in documents
	some leaf in input.leaves
	lib.about(e, leaf)
	root := root_digests(e.predicate)
	not lib.same(root, {alg: hex | some alg, hex in leaf.digest; comparable(root, alg)})
	r := reason(
		e, "SBOM_ROOT_MISMATCH", sprintf("the SBOM of stage %q is about another artifact than %s", [e.stage, leaf.name]),
		lib.digest_text(leaf.digest), root_text(root),
		"make the SBOM of exactly this artifact; SBOMs of tools that leave the digest out need the rule's parameter root: false",
		lib.digest_text(leaf.digest),
	)
}

# A root may carry fewer digests than the artifact has, but none that differs.
comparable(root, alg) if root[alg]

comparable(_, alg) if alg != "gitCommit"

root_text(root) := "no digest" if {
	count(root) == 0
} else := concat(", ", [concat(":", [alg, root[alg]]) | some alg in sort(object.keys(root))])

# root_digests(p) gathers the root component's digests from its properties and its hashes. Two values for one algorithm match nothing.
root_digests(p) := {alg: hex |
	some pair in all
	alg := pair[0]
	hex := concat(" and ", {q[1] | some q in all; q[0] == alg})
} if {
	root := lib.object_at(lib.object_at(p, "metadata"), "component")
	all := {[trim_prefix(x.name, "sealock:digest:"), lower(x.value)] |
		some x in lib.array(root, "properties")
		startswith(lib.str(x, "name"), "sealock:digest:")
		is_string(x.value)
	} | {[hash_names[x.alg], lower(x.content)] |
		some x in lib.array(root, "hashes")
		is_string(x.content)
	}
}

hash_names := {"SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}

# One reason a piece of scan evidence: what it saw and the SBOM does not have. Packages without a purl are looked for by name and version.
refuse contains r if {
	some leaf in input.leaves
	boms := [e | some e in documents; lib.about(e, leaf)]
	count(boms) > 0
	some scan in lib.evidence("vulns")
	lib.about(scan, leaf)
	missing := unlisted(scanned(scan.predicate), boms)
	count(missing) > 0
	r := reason(
		scan, "SBOM_MISSES_PACKAGE", sprintf("the vulnerability scan saw packages of %s that its SBOM does not list: %s", [leaf.name, lib.show(concat(", ", missing))]),
		"an SBOM that lists every package of the scan", sprintf("%d missing", [count(missing)]),
		"make the SBOM and the scan of the same content, then run both stages again", lib.digest_text(leaf.digest),
	)
}

scanned(p) := {identity(a) |
	some v in lib.array(lib.object_at(p, "scanner"), "result")
	some a in lib.array(v, "annotations")
}

# identity(x) is the purl of a package, or else its name and version.
identity(x) := x.purl if {
	lib.word(x.purl)
} else := concat(" ", [lib.str(x, "name"), lib.str(x, "version")])

# unlisted(names, boms) is what no SBOM lists. Only what is not found as it is written is looked for in canonical form, which takes longer.
unlisted(names, boms) := set() if {
	count(names - listed_in(boms)) == 0
} else := {n |
	canonical := {purl.canonical(x) | some x in listed_in(boms)}
	some n in names - listed_in(boms)
	not purl.canonical(n) in canonical
}

listed_in(boms) := {name | some e in boms; some c in components(e.predicate); some name in identities(c)}

identities(c) := {identity(c), concat(" ", [lib.str(c, "name"), lib.str(c, "version")])}

# Components may hold components; two levels are looked at, which is as deep as scanners nest packages.
components(p) := array.concat(top, [d | some c in top; some d in lib.array(c, "components")]) if {
	top := lib.array(p, "components")
}

reason(e, code, message, expected, found, fix, subject) := {
	"code": code,
	"message": message,
	"expected": expected,
	"found": found,
	"fix": fix,
	"evidence": e.digest,
	"key": {"subject": subject},
}
