# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Evidence is fresh
# description: |
#   Refuses evidence and vulnerability data that are too old, and times that can't be true.
#   An artifact that enters is judged by the age of the data now; one that stays, by its age when the scan was made (the scan's own age is bounded by maxAge).
# related_resources:
# - ref: https://csrc.nist.gov/pubs/sp/800/207/final
#   description: Zero trust architecture, tenet 5
# custom:
#   id: freshness
#   severity: high
#   remediation: Run the stage again, with current data.
#   zeroTrust: [Z5, Z12, Z22]
#   kinds: [vulns, secrets, config, sast, dast, provenance, sbom, test]
#   parameters:
#     evidence: {type: durations, default: {}, keys: [provenance, sbom, vulns, secrets, config, sast, dast, test], about: "for each kind of evidence how old it may be"}
#     data: {type: duration, default: 5d, about: "how old the vulnerability data may be (its oldest source)"}
#     built: {type: duration, default: none, about: "how long ago the vulnerability database may have been built"}
package sealock.gate.freshness

import data.sealock.lib
import data.sealock.lib.times

params := data.params.freshness

# Where times are demanded, or there, they must be readable.
refuse contains r if {
	some d in lib.documents
	some name, t in object.union({"signed": d.signed}, d.times)
	is_null(t.ns)
	wanted(d, name, t)
	r := reason(d, "EVIDENCE_MALFORMED", sprintf("the time %s of the %s evidence of stage %q can't be read", [name, d.kind, d.stage]), "RFC 3339", t.text)
}

wanted(_, name, t) if {
	not name in {"updated", "built"}
	t.text != "nothing"
}

# Evidence of a stage is as old as its receipt. What others attach may be of a type without any time: it needs one where its age is judged.
wanted(d, "signed", _) if d.stage != ""

wanted(d, "signed", _) if is_number(params.evidence[d.kind])

wanted(d, name, _) if {
	d.kind in {"vulns", "secrets", "config", "sast", "dast"}
	name in {"started", "finished"}
}

wanted(_, name, _) if is_number(limits[name])

# limits are those on the age of the vulnerability data.
limits := {"updated": params.data, "built": params.built}

# Signing an old scan again makes it no younger: the earliest of its times counts.
refuse contains r if {
	some d in lib.documents
	limit := params.evidence[d.kind]
	is_number(limit)
	age := times.now - min({t.ns | some t in [d.signed, object.get(d.times, "finished", d.signed)]; is_number(t.ns)})
	age > limit
	r := reason(d, "EVIDENCE_STALE", sprintf("the %s evidence of stage %q is too old", [d.kind, d.stage]), sprintf("at most %s", [times.text(limit)]), times.text(age))
}

refuse contains r if {
	some d in lib.documents
	d.kind != "provenance" # the rule provenance judges its times
	some what in times.impossible(d)
	r := reason(
		d, "TIME_INCONSISTENT", sprintf("the times of the %s evidence of stage %q can't be true: %s", [d.kind, d.stage, what]),
		sprintf("a start, an end and a signature in this order, before %s", [input.at]), shown(d),
	)
}

refuse contains r if {
	some d in lib.read("vulns")
	times.after(d.times.updated, d.times.finished, times.tolerance)
	r := reason(
		d, "TIME_INCONSISTENT", sprintf("the times of the vulns evidence of stage %q can't be true: its data is newer than the scan", [d.stage]),
		sprintf("data from before %s", [d.times.finished.text]), d.times.updated.text,
	)
}

shown(d) := sprintf("started %s, finished %s, signed %s", [text_of(d, "started"), text_of(d, "finished"), d.signed.text])

text_of(d, name) := object.get(d.times, [name, "text"], "nothing")

refuse contains r if {
	some s in input.stages
	t := receipt.times(s)
	not possible(t)
	r := {
		"code": "TIME_INCONSISTENT",
		"message": sprintf("the receipt of stage %q has times that can't be true", [s.name]),
		"expected": sprintf("a start before the end, before %s", [input.at]),
		"found": sprintf("started %s, finished %s", [t.started.text, t.finished.text]),
		"fix": fixes.TIME_INCONSISTENT,
	}
}

# possible(t) holds for two known times in order, none of them in the future. A chain has many receipts, so this is short.
possible(t) if {
	is_number(t.started.ns)
	is_number(t.finished.ns)
	t.started.ns <= t.finished.ns
	t.finished.ns <= latest
}

latest := times.now + times.tolerance

# What enters is judged by the age of the data now; what stays, by its age when the scan was made.
refuse contains r if {
	some d in lib.read("vulns")
	some name, limit in limits
	is_number(limit)
	is_number(d.times[name].ns)
	age := judged_at(d) - d.times[name].ns
	age > limit
	r := reason(
		d, "DB_STALE", sprintf("the vulnerability data of stage %q is too old", [d.stage]), sprintf("%s at most %s ago", [name, times.text(limit)]),
		sprintf("%s, %s ago", [d.times[name].text, times.text(age)]),
	)
}

judged_at(d) := d.times.finished.ns if {
	input.question == "stay"
	is_number(d.times.finished.ns)
} else := times.now

reason(d, code, message, expected, found) := {
	"code": code,
	"message": message,
	"expected": expected,
	"found": found,
	"fix": fixes[code],
	"evidence": d.digest,
	"key": {"subject": d.ref.subject},
}

fixes := {
	"EVIDENCE_MALFORMED": "run the stage again with a tool that writes its times",
	"EVIDENCE_STALE": "run the stage again",
	"DB_STALE": "run `sealock db update`, then the scan again",
	"TIME_INCONSISTENT": "check the clock of the machine that ran the stage, then run it again",
}
