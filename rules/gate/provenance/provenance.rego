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

documents := lib.evidence("provenance")

v1 := "https://slsa.dev/provenance/v1"

v02 := "https://slsa.dev/provenance/v0.2"

# facts(e) brings both versions of the predicate to one form. Values are as found: of any type, null if missing.
facts(e) := {
	"builder": object.get(p, ["runDetails", "builder", "id"], null),
	"parameters": object.get(p, ["buildDefinition", "externalParameters"], null),
	"dependencies": object.get(p, ["buildDefinition", "resolvedDependencies"], []),
	"started": object.get(p, ["runDetails", "metadata", "startedOn"], null),
	"finished": object.get(p, ["runDetails", "metadata", "finishedOn"], null),
	"declared": {s |
		some path in [["source"], ["source", "uri"], ["workflow", "repository"]]
		s := object.get(p, array.concat(["buildDefinition", "externalParameters"], path), null)
		is_string(s)
	},
} if {
	e.predicateType == v1
	p := lib.object_at(e, "predicate")
} else := {
	"builder": object.get(p, ["builder", "id"], null),
	"parameters": object.get(p, ["invocation", "parameters"], {}),
	"dependencies": object.get(p, ["materials"], []),
	"started": object.get(p, ["metadata", "buildStartedOn"], null),
	"finished": object.get(p, ["metadata", "buildFinishedOn"], null),
	"declared": {s | s := object.get(p, ["invocation", "configSource", "uri"], null); is_string(s)},
} if {
	e.predicateType == v02
	p := lib.object_at(e, "predicate")
}

known := [[e, facts(e)] | some e in documents]

refuse contains r if {
	some e in documents
	not e.predicateType in {v1, v02}
	r := lib.malformed(e, "its predicate type", "SLSA provenance v1 or v0.2", lib.show(e.predicateType))
}

refuse contains lib.malformed(e, "the builder's id", "text", lib.show(f.builder)) if {
	some [e, f] in known
	not lib.word(f.builder)
}

refuse contains lib.malformed(e, "the external parameters", "an object", lib.show(f.parameters)) if {
	some [e, f] in known
	not is_object(f.parameters)
}

refuse contains lib.malformed(e, "the dependencies", "a list", lib.show(f.dependencies)) if {
	some [e, f] in known
	not is_array(f.dependencies)
}

refuse contains lib.malformed(e, "a dependency", "an object with uri or name, and digest", lib.show(d)) if {
	some [e, f] in known
	some d in lib.array(f, "dependencies")
	not dependency(d)
}

dependency(d) if {
	count(names(d)) > 0
	is_object(d.digest)
}

names(d) := {repository(x) | some x in [lib.str(d, "uri"), lib.str(d, "name")]; x != ""}

# Where there are times, they must be readable and in order.
refuse contains lib.malformed(e, name, "a time in RFC 3339", lib.show(f[name])) if {
	some [e, f] in known
	some name in ["started", "finished"]
	not is_null(f[name])
	not times.valid(f[name])
}

refuse contains r if {
	some [e, f] in known
	impossible(e, f)
	r := reason(
		e, "TIME_INCONSISTENT", sprintf("the times of the provenance of stage %q can't be true", [e.stage]), "a start before the end, both in the past",
		sprintf("%s to %s", [lib.show(f.started), lib.show(f.finished)]), "check the clock of the machine that built, then build again",
	)
}

impossible(_, f) if times.ns(f.started) > times.ns(f.finished)

impossible(_, f) if times.future(times.ns(f.finished))

impossible(_, f) if times.future(times.ns(f.started))

impossible(e, f) if times.ns(f.finished) > times.ns(e.time) + times.tolerance

refuse contains r if {
	count(params.builders) > 0
	some [e, f] in known
	not f.builder in params.builders
	r := reason(
		e, "PROVENANCE_BUILDER", sprintf("the provenance of stage %q names a builder that is not listed", [e.stage]), one_of(params.builders),
		lib.show(f.builder), "build with a listed builder, or list this one",
	)
}

# repository(uri) is a source's URI without the revision, so that a repository is listed once for all its revisions.
repository(uri) := regex.replace(trim_prefix(uri, "git+"), `@(refs/[^@]+|[^/@:]+)$`, "")

# sources_of(f) is where the build says that its source came from; if it does not say, all Git sources among the dependencies.
sources_of(f) := f.declared if {
	count(f.declared) > 0
} else := {lib.str(d, "uri") |
	some d in lib.array(f, "dependencies")
	some alg in ["gitCommit", "sha1"]
	is_string(d.digest[alg])
}

refuse contains r if {
	count(params.sources) > 0
	some [e, f] in known
	found := sources_of(f)
	not sources_listed(found)
	r := reason(
		e, "PROVENANCE_SOURCE", sprintf("the provenance of stage %q names a source that is not listed", [e.stage]), one_of(params.sources),
		sources_text(found), "build from a listed repository, or list this one",
	)
}

sources_listed(found) if {
	count(found) > 0
	every s in found { source_listed(s) }
}

source_listed(s) if s in params.sources

source_listed(s) if repository(s) in params.sources

sources_text(found) := lib.show(concat(", ", found)) if {
	count(found) > 0
} else := "no source"

refuse contains r if {
	is_object(params.parameters)
	some [e, f] in known
	some name, value in lib.object_at(f, "parameters")
	not value in object.get(params.parameters, name, [])
	r := reason(
		e, "PARAMETERS", sprintf("the build of stage %q had an external parameter that is not accepted: %s", [e.stage, lib.show(name)]), accepted(name),
		lib.show(value), "build without it, or accept it in the rule's parameters",
	)
}

refuse contains r if {
	is_object(params.parameters)
	some [e, f] in known
	some name, _ in params.parameters
	not name in object.keys(lib.object_at(f, "parameters"))
	r := reason(
		e, "PARAMETERS", sprintf("the build of stage %q lacks the external parameter %s", [e.stage, name]), accepted(name), "nothing",
		"build with it",
	)
}

accepted(name) := sprintf("%s: one of %s", [name, lib.show(params.parameters[name])]) if {
	params.parameters[name]
} else := sprintf("only %s", [lib.show(concat(", ", object.keys(params.parameters)))])

# The receipt of the stage says what went in; provenance that names the same thing must name the same bytes.
refuse contains r if {
	some [e, f] in known
	some d in lib.array(f, "dependencies")
	is_object(d.digest)
	alike := [m | some m in materials(e); repository(m.name) in names(d)]
	count(alike) > 0
	count([m | some m in alike; not lib.conflict(m.digest, d.digest)]) == 0
	r := reason(
		e, "MATERIAL_MISMATCH", sprintf("the provenance of stage %q names other bytes of %s than the receipt", [e.stage, lib.show(concat(", ", names(d)))]),
		lib.show(alike[0].digest), lib.show(d.digest), "build again; receipt and provenance must be of the same run",
	)
}

materials(e) := [m | some s in stages_of(e); some m in s.materials; not startswith(m.name, "receipt:")]

# stages_of(e) is the stage that the evidence belongs to; for evidence of others, all.
stages_of(e) := named if {
	named := [s | some s in input.stages; s.name == e.stage]
	count(named) > 0
} else := input.stages

one_of(list) := sprintf("one of %s", [lib.show(concat(", ", list))])

reason(e, code, message, expected, found, fix) := {
	"code": code,
	"message": message,
	"expected": expected,
	"found": found,
	"fix": fix,
	"evidence": e.digest,
	"key": {"subject": lib.subject_of(e)},
}
