# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Built as agreed
# description: |
#   Refuses provenance of another builder, source or parameters than those listed, and provenance that contradicts the receipt of its stage.
#   SLSA provenance v1 and v0.2.
# related_resources:
# - ref: https://slsa.dev/spec/v1.0/verifying-artifacts
#   description: SLSA, verifying artifacts
# custom:
#   id: provenance
#   severity: high
#   remediation: Build with the listed builder, from the listed repository, with the listed parameters.
#   zeroTrust: [Z2, Z4, Z20, Z29]
#   kinds: [provenance]
#   parameters:
#     builders: {type: strings, default: [], about: "the builder ids that are accepted, exactly; none means any"}
#     sources: {type: strings, default: [], about: "the repository URIs that are accepted, exactly; none means any"}
#     parameters: {type: values, about: "the external parameters that are accepted and their values; others are refused"}
package sealock.gate.provenance

import data.sealock.lib
import data.sealock.lib.times

params := data.params.provenance

refuse contains r if {
	some d in lib.read("provenance")
	some r in lib.unreadable(d, "EVIDENCE_MALFORMED")
}

refuse contains r if {
	some d in lib.read("provenance")
	some what in times.impossible(d)
	r := reason(
		d, "TIME_INCONSISTENT", sprintf("the times of the provenance of stage %q can't be true: %s", [d.stage, what]),
		"a start, an end and a signature in this order, in the past",
		sprintf("started %s, finished %s, signed %s", [d.times.started.text, d.times.finished.text, d.signed.text]),
		"check the clock of the machine that built, then build again",
	)
}

refuse contains r if {
	count(params.builders) > 0
	some d in lib.read("provenance")
	not d.builder in params.builders
	r := reason(
		d, "PROVENANCE_BUILDER", sprintf("the provenance of stage %q names a builder that is not listed", [d.stage]), one_of(params.builders),
		lib.first(d.builder), "build with a listed builder, or list this one",
	)
}

# Where the build says where its source came from, that counts; else all Git sources among its dependencies.
refuse contains r if {
	count(params.sources) > 0
	some d in lib.read("provenance")
	not sources_listed(d.sources)
	r := reason(
		d, "PROVENANCE_SOURCE", sprintf("the provenance of stage %q names a source that is not listed", [d.stage]), one_of(params.sources),
		sources_text(d.sources), "build from a listed repository, or list this one",
	)
}

sources_listed(sources) if {
	count(sources) > 0
	every s in sources { source_listed(s) }
}

source_listed(s) if s in params.sources

source_listed(s) if source.repository(s) in params.sources

sources_text(sources) := lib.first(concat(", ", sources)) if {
	count(sources) > 0
} else := "no source"

refuse contains r if {
	is_object(params.parameters)
	some d in lib.read("provenance")
	some name, value in d.parameters
	not value in object.get(params.parameters, name, [])
	r := reason(
		d, "PARAMETERS", sprintf("the build of stage %q had an external parameter that is not accepted: %s", [d.stage, lib.first(name)]), accepted(name),
		lib.first(json.marshal(value)), "build without it, or accept it in the rule's parameters",
	)
}

refuse contains r if {
	is_object(params.parameters)
	some d in lib.read("provenance")
	some name in object.keys(params.parameters) - object.keys(d.parameters)
	r := reason(
		d, "PARAMETERS", sprintf("the build of stage %q lacks the external parameter %s", [d.stage, name]), accepted(name), "nothing",
		"build with it",
	)
}

accepted(name) := sprintf("%s: one of %s", [name, lib.first(json.marshal(params.parameters[name]))]) if {
	name in object.keys(params.parameters)
} else := sprintf("only %s", [lib.first(concat(", ", object.keys(params.parameters)))])

# The receipt of the stage says what went in; provenance that names the same thing must name the same bytes.
refuse contains r if {
	some d in lib.read("provenance")
	known := materials(d)
	some dependency in d.dependencies
	some name in dependency.names
	known[name]
	not same_bytes(known[name], dependency.digest)
	r := reason(
		d, "MATERIAL_MISMATCH", sprintf("the provenance of stage %q names other bytes of %s than the receipt", [d.stage, lib.first(name)]),
		lib.first(json.marshal(known[name])), lib.first(json.marshal(dependency.digest)), "build again; receipt and provenance must be of the same run",
	)
}

# same_bytes(digests, digest) holds if one of the digest sets has a value in common with the digest, and none that differs.
same_bytes(digests, digest) if {
	some known in digests
	not lib.conflict(known, digest)
	some alg, hex in known
	digest[alg] == hex
}

# materials(d) has the digests of what went into the stage, by name; for evidence of others, into any stage.
materials(d) := {name: {m.digest | some s in stages_of(d); some m in s.materials; source.repository(m.name) == name} |
	some s in stages_of(d)
	some m in s.materials
	not startswith(m.name, "receipt:")
	name := source.repository(m.name)
}

stages_of(d) := named if {
	named := [s | some s in input.stages; s.name == d.stage]
	count(named) > 0
} else := input.stages

one_of(list) := sprintf("one of %s", [lib.first(concat(", ", list))])

reason(d, code, message, expected, found, fix) := {
	"code": code,
	"message": message,
	"expected": expected,
	"found": found,
	"fix": fix,
	"evidence": d.digest,
	"key": {"subject": d.ref.subject},
}
