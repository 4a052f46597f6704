# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Evidence is fresh
# description: |
#   Refuses evidence and vulnerability data that are too old, and times that can't be true.
#   An artifact that enters is judged by the age of the data now; one that stays, by its age when the scan was made (the scan's own age is bounded by maxAge).
# custom:
#   id: freshness
#   severity: high
#   remediation: Run the stage again, with current data.
#   zeroTrust: [Z5, Z12, Z22]
#   kinds: [vulns, secrets, config, provenance, sbom, test]
#   parameters:
#     evidence: {type: durations, default: {}, keys: [provenance, sbom, vulns, secrets, config, test], about: "for each kind of evidence how old it may be"}
#     data: {type: duration, default: 5d, about: "how old the vulnerability data may be (its oldest source)"}
#     built: {type: duration, default: none, about: "how long ago the vulnerability database may have been built"}
package sealock.gate.freshness

import data.sealock.lib
import data.sealock.lib.times

params := data.params.freshness

refuse contains r if {
	some e in input.evidence
	not times.valid(e.time)
	r := lib.malformed(e, "its time", "RFC 3339", lib.show(e.time))
}

# Signing an old scan again makes it no younger: the earlier of the two times counts.
refuse contains r if {
	some e in input.evidence
	limit := params.evidence[e.kind]
	is_number(limit)
	born := min({t | some t in [times.ns(e.time), times.ns(finished(e))]} | {times.ns(e.time)})
	times.now - born > limit
	r := reason(
		e, "EVIDENCE_STALE", sprintf("the %s evidence of stage %q is too old", [e.kind, e.stage]),
		sprintf("at most %s", [times.text(limit)]), times.text(times.now - born),
	)
}

# Where times are demanded, they must be readable.
refuse contains r if {
	some e in input.evidence
	some name in demanded[e.kind]
	value := time_at(e, name)
	not times.valid(value)
	r := lib.malformed(e, name, "a time in RFC 3339", lib.show(value))
}

refuse contains r if {
	some e in input.evidence
	times.ns(started(e)) > times.ns(finished(e))
	r := inconsistent(e, "it finished before it started", started(e), finished(e))
}

refuse contains r if {
	some e in input.evidence
	some t in {e.time} | {time_at(e, name) | some name in demanded[e.kind]}
	times.future(times.ns(t))
	r := inconsistent(e, "a time lies in the future", input.at, t)
}

refuse contains r if {
	some e in input.evidence
	times.ns(finished(e)) > times.ns(e.time) + times.tolerance
	r := inconsistent(e, "it was signed before it finished", e.time, finished(e))
}

refuse contains r if {
	some e in lib.evidence("vulns")
	updated := time_at(e, "scanner.db.lastUpdate")
	times.ns(updated) > times.ns(finished(e)) + times.tolerance
	r := inconsistent(e, "the vulnerability data is newer than the scan", finished(e), updated)
}

refuse contains r if {
	some s in input.stages
	not stage_times(s)
	r := {
		"code": "TIME_INCONSISTENT",
		"message": sprintf("the receipt of stage %q has times that can't be true: started %s, finished %s", [s.name, lib.show(s.startedOn), lib.show(s.finishedOn)]),
		"expected": "a start before the end, both in the past",
		"found": sprintf("%s to %s", [lib.show(s.startedOn), lib.show(s.finishedOn)]),
		"fix": "check the clock of the machine that ran the stage, then run it again",
	}
}

stage_times(s) if {
	times.ns(s.startedOn) <= times.ns(s.finishedOn)
	not times.future(times.ns(s.finishedOn))
}

refuse contains r if {
	some name, limit in {"scanner.db.lastUpdate": params.data, "scanner.db.built": params.built}
	is_number(limit)
	some e in lib.evidence("vulns")
	age := judged_at(e) - times.ns(time_at(e, name))
	age > limit
	r := reason(
		e, "DB_STALE", sprintf("the vulnerability data of stage %q is too old", [e.stage]),
		sprintf("%s at most %s old", [name, times.text(limit)]), sprintf("%s (%s old)", [time_at(e, name), times.text(age)]),
	)
}

refuse contains r if {
	is_number(params.built)
	some e in lib.evidence("vulns")
	not times.valid(time_at(e, "scanner.db.built"))
	r := lib.malformed(e, "scanner.db.built", "a time in RFC 3339", lib.show(time_at(e, "scanner.db.built")))
}

judged_at(e) := times.ns(finished(e)) if {
	input.question == "stay"
} else := times.now

# demanded has, for each kind, the times that must be there.
demanded := {
	"vulns": vulns_times,
	"secrets": {"startedOn", "finishedOn"},
	"config": {"startedOn", "finishedOn"},
}

vulns_times := {"metadata.scanStartedOn", "metadata.scanFinishedOn"} | {"scanner.db.lastUpdate" | is_number(params.data)}

# time_at(e, name) is the value at a dotted path of the predicate, or "".
time_at(e, name) := object.get(e.predicate, split(name, "."), "") if {
	is_object(e.predicate)
} else := ""

paths := {
	"vulns": ["metadata.scanStartedOn", "metadata.scanFinishedOn"],
	"secrets": ["startedOn", "finishedOn"],
	"config": ["startedOn", "finishedOn"],
}

started(e) := time_at(e, paths[e.kind][0])

finished(e) := time_at(e, paths[e.kind][1])

inconsistent(e, what, expected, found) := reason(
	e, "TIME_INCONSISTENT", sprintf("the times of the %s evidence of stage %q can't be true: %s", [e.kind, e.stage, what]),
	sprintf("not after %s", [lib.show(expected)]), lib.show(found),
)

reason(e, code, message, expected, found) := {
	"code": code,
	"message": message,
	"expected": expected,
	"found": found,
	"fix": fixes[code],
	"evidence": e.digest,
	"key": {"subject": lib.subject_of(e)},
}

fixes := {
	"EVIDENCE_STALE": "run the stage again",
	"DB_STALE": "run `sealock db update`, then the scan again",
	"TIME_INCONSISTENT": "check the clock of the machine that ran the stage, then run it again",
}
