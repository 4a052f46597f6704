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

refuse contains r if {
	some d in lib.read("vulns")
	some r in lib.unreadable(d, "EVIDENCE_MALFORMED")
}

refuse contains r if {
	some [why, f, ref] in serious
	not softened(why, f)
	r := reason(why, f, ref)
}

warn contains r if {
	some [why, f, ref] in serious
	softened(why, f)
	r := reason(why, f, ref)
}

# serious lists what is exploited, what is likely to be, and what is at or above the level; each finding once, for the gravest of these.
serious := array.concat(exploited, array.concat(likely, severe))

exploited := [["exploited", f, d.ref] |
	params.refuseExploited
	some d in lib.read("vulns")
	some f in d.exploited
]

likely := [["likely", f, d.ref] |
	is_number(params.epss)
	some d in lib.read("vulns")
	some f in d.findings
	is_number(f.epss)
	f.epss >= params.epss
	not known_exploited(f)
]

severe := [["severe", f, d.ref] |
	some d in lib.read("vulns")
	some f in array.concat(
		[f | some rated, findings in d.byLevel; rated >= threshold; some f in findings],
		[f | some f in d.unrated; f.level < threshold; level(f) >= threshold],
	)
	not known_exploited(f)
	not predicted(f)
]

known_exploited(f) if {
	params.refuseExploited
	f.kev
}

predicted(f) if {
	is_number(params.epss)
	is_number(f.epss)
	f.epss >= params.epss
}

# level(f) is the worst rating, where one that is unknown to its source counts as the policy says.
level(f) := f.level if {
	not f.unknown
} else := max([f.level, levels.rank[params.unknown]]) if {
	params.unknown != "ignore"
} else := f.level

# softened(why, f) holds for findings that only warn.
softened("severe", f) if {
	level(f) == threshold
	is_number(params.grace)
	is_number(f.published)
	f.published <= times.now
	times.now - f.published <= params.grace
}

softened("severe", f) if {
	params.onlyFixable
	f.fixState in {"not-fixed", "wont-fix"}
}

reason(why, f, ref) := {
	"code": codes[why],
	"message": message(why, f),
	"expected": expectation[why],
	"found": sprintf("severity %s%s", [levels.words[level(f)], since(f)]),
	"fix": fix(f),
	"evidence": ref.evidence,
	"key": {"advisory": f.id, "aliases": f.aliases, "purl": f.purl, "subject": ref.subject},
}

codes := {"exploited": "VULNERABILITY_EXPLOITED", "likely": "VULNERABILITY", "severe": "VULNERABILITY"}

expectation := {
	"exploited": "no vulnerability that is known to be exploited",
	"likely": sprintf("a probability of exploitation (EPSS) below %v", [params.epss]),
	"severe": sprintf("nothing of severity %s or worse", [params.refuse]),
}

message("exploited", f) := sprintf("%s in %s is known to be exploited", [f.id, f.package])

message("likely", f) := sprintf("%s in %s will be exploited with a probability of %v", [f.id, f.package, f.epss])

message("severe", f) := sprintf("%s in %s is %s", [f.id, f.package, severity(f)])

severity(f) := sprintf("of unknown severity, which counts as %s", [params.unknown]) if {
	f.unknown
	level(f) > f.level
} else := levels.words[f.level]

since(f) := sprintf(", published %s", [f.day]) if {
	f.day != ""
} else := ""

fix(f) := sprintf("upgrade %s to %s", [f.package, lib.first(concat(" or ", f.fixedIn))]) if {
	count(f.fixedIn) > 0
} else := "no fixed version is known: replace the package, or waive the finding with a reason and an end"
