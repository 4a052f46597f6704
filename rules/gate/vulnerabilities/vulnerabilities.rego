# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No serious vulnerabilities
# description: |
#   Refuses vulnerabilities at or above a level, exploited ones whatever their level, and those that are likely to be exploited.
#   The level is the worst that any source gives. What can't be read counts as critical.
# related_resources:
# - ref: https://www.cisa.gov/known-exploited-vulnerabilities-catalog
#   description: Known exploited vulnerabilities
# - ref: https://www.first.org/epss/
#   description: Exploit prediction scores
# - ref: https://github.com/in-toto/attestation/blob/main/spec/predicates/vuln.md
#   description: in-toto vulns predicate
# custom:
#   id: vulnerabilities
#   severity: high
#   remediation: Upgrade the package to a version that fixes the vulnerability, or waive it with a reason and an end.
#   zeroTrust: [Z5, Z22]
#   kinds: [vulns]
#   parameters:
#     refuse: {type: level, default: high, about: "the least severity that is refused"}
#     refuseExploited: {type: boolean, default: true, about: "refuse what CISA lists as exploited whatever its severity"}
#     epss: {type: number, min: 0, max: 1, about: "refuse what is at least as likely to be exploited"}
#     unknown: {type: enum, values: [critical, high, medium, low, negligible, ignore], default: critical, about: "the level that an unknown severity counts as"}
#     grace: {type: duration, default: none, about: "how long after its first publication a finding of exactly the level refuse only warns"}
#     onlyFixable: {type: boolean, default: false, about: "only warn about findings that have no fix"}
package sealock.gate.vulnerabilities

import data.sealock.lib
import data.sealock.lib.levels
import data.sealock.lib.times

params := data.params.vulnerabilities

threshold := levels.rank[params.refuse]

# What a severity that its source calls unknown counts as; -1 is below every level.
unknown := -1 if {
	params.unknown == "ignore"
} else := levels.rank[params.unknown]

current := "https://in-toto.io/attestation/vulns/v0.2"

refuse contains r if {
	some e in lib.evidence("vulns")
	not is_array(e.predicate.scanner.result)
	r := lib.malformed(e, "scanner.result", "a list of results", lib.found(lib.object_at(e.predicate, "scanner"), "result"))
}

refuse contains r if {
	some e in lib.evidence("vulns")
	some v in lib.array(lib.object_at(e.predicate, "scanner"), "result")
	not lib.word(v.id)
	r := lib.malformed(e, "a result", "an object with an id", lib.show(v))
}

# Without its annotation a result of the current predicate hides whether the vulnerability is exploited, and what it is in. Older predicates have
# no annotations to demand.
refuse contains r if {
	some e in lib.evidence("vulns")
	e.predicateType == current
	some v in lib.array(lib.object_at(e.predicate, "scanner"), "result")
	not annotated(v)
	r := lib.malformed(
		e, sprintf("the annotation of %s", [lib.found(v, "id")]),
		"one object with purl, name, version, fixState, kev, epss and times in RFC 3339", lib.found(v, "annotations"),
	)
}

refuse contains reason(f) if {
	some f in serious
	not softened(f)
}

warn contains reason(f) if {
	some f in serious
	softened(f)
}

annotated(v) if {
	is_array(v.annotations)
	count(v.annotations) == 1
	a := v.annotations[0]
	is_object(a)
	is_string(a.purl)
	is_string(a.name)
	is_string(a.version)
	a.fixState in {"fixed", "not-fixed", "wont-fix", "unknown"}
	is_boolean(a.kev)
	is_number(a.epss)
	a.epss >= 0
	a.epss <= 1
	published_well(a)
	lists_well(a)
}

published_well(a) if not "published" in object.keys(a)

published_well(a) if times.valid(a.published)

lists_well(a) if {
	every name in ["fixedIn", "aliases"] {
		every x in list_or_none(a, name) { is_string(x) }
	}
}

# list_or_none(a, name) lets null stand for an empty list.
list_or_none(a, name) := a[name] if {
	is_array(a[name])
} else := [] if {
	is_null(a[name])
}

# serious lists what is at or above the level, exploited, or likely to be.
serious := [f |
	some e in lib.evidence("vulns")
	subject := lib.subject_of(e)
	some v in lib.array(lib.object_at(e.predicate, "scanner"), "result")
	is_object(v)
	level := level_of(v)
	annotation := annotation_of(v)
	why := concern(level, annotation)
	f := {"v": v, "a": annotation, "level": level, "why": why, "evidence": e.digest, "subject": subject}
]

concern(level, a) := "exploited" if {
	params.refuseExploited
	a.kev == true
} else := "likely" if {
	is_number(params.epss)
	is_number(a.epss)
	a.epss >= params.epss
} else := "serious" if {
	level >= threshold
}

# annotation_of(v) is what is known beyond the standard's fields; empty for evidence of other tools.
annotation_of(v) := v.annotations[0] if {
	is_array(v.annotations)
	is_object(v.annotations[0])
} else := {}

# level_of(v) is the worst of the ratings. No rating at all, or none that says anything, counts as the worst.
level_of(v) := max(ranks) if {
	is_array(v.severity)
	ranks := {r | some s in v.severity; not vector(s); r := rank_of(s)}
	count(ranks) > 0
} else := 4

# A CVSS vector rates nothing by itself; tools that write one write its score beside it.
vector(s) if startswith(lib.str(s, "score"), "CVSS:")

rank_of(s) := levels.names[s.score] if {
	levels.names[s.score]
} else := unknown if {
	lower(trim_space(lib.str(s, "score"))) == "unknown"
} else := levels.of_score(lib.str(s, "score")) if {
	levels.of_score(lib.str(s, "score"))
} else := levels.of_word(lib.str(s, "score"))

# softened(f) holds for findings that only warn.
softened(f) if {
	f.why == "serious"
	f.level == threshold
	is_number(params.grace)
	published := times.ns(f.a.published)
	published <= times.now
	times.now - published <= params.grace
}

softened(f) if {
	f.why == "serious"
	params.onlyFixable
	f.a.fixState in {"not-fixed", "wont-fix"}
}

reason(f) := {
	"code": codes[f.why],
	"message": message(f),
	"expected": expectation[f.why],
	"found": sprintf("severity %s%s", [level_text(f.level), published_text(f.a)]),
	"fix": fix(f.a),
	"evidence": f.evidence,
	"key": {"advisory": lib.str(f.v, "id"), "aliases": [x | some x in lib.array(f.a, "aliases"); lib.word(x)], "purl": lib.str(f.a, "purl"), "subject": f.subject},
}

codes := {"exploited": "VULNERABILITY_EXPLOITED", "likely": "VULNERABILITY", "serious": "VULNERABILITY"}

expectation := {
	"exploited": "no vulnerability that is known to be exploited",
	"likely": sprintf("a probability of exploitation (EPSS) below %v", [params.epss]),
	"serious": sprintf("nothing of severity %s or worse", [params.refuse]),
}

message(f) := sprintf("%s in %s is known to be exploited", [lib.found(f.v, "id"), package_text(f.a)]) if {
	f.why == "exploited"
} else := sprintf("%s in %s will be exploited with a probability of %v", [lib.found(f.v, "id"), package_text(f.a), f.a.epss]) if {
	f.why == "likely"
} else := sprintf("%s in %s is %s", [lib.found(f.v, "id"), package_text(f.a), level_text(f.level)])

level_text(n) := levels.word(n) if {
	n >= 0
} else := "unknown"

package_text(a) := lib.show(a.purl) if {
	lib.word(a.purl)
} else := sprintf("%s %s", [lib.show(a.name), lib.found(a, "version")]) if {
	lib.word(a.name)
} else := "a package that the evidence does not name"

published_text(a) := sprintf(", published %s", [substring(a.published, 0, 10)]) if {
	is_string(a.published)
} else := ""

fix(a) := sprintf("upgrade %s to %s", [lib.found(a, "name"), lib.show(concat(" or ", versions))]) if {
	versions := [x | some x in lib.array(a, "fixedIn"); lib.word(x)]
	count(versions) > 0
} else := "no fixed version is known: replace the package, or waive the finding with a reason and an end"
