# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Licenses are allowed
# description: |
#   Holds the licenses in the SBOM against an allow-list and a deny-list of SPDX ids. It says nothing until one of them is set.
#   Of "A OR B" one must be allowed, of "A AND B" and of several licenses of one package all. "A WITH e" is allowed where A or all of it is listed.
# related_resources:
# - ref: https://spdx.org/licenses/
#   description: SPDX license list
# custom:
#   id: licenses
#   severity: medium
#   remediation: Replace the package, or allow its license.
#   zeroTrust: [Z20]
#   kinds: [sbom]
#   parameters:
#     allow: {type: strings, default: [], about: "the licenses that are allowed; none means all that are not denied"}
#     deny: {type: strings, default: [], about: "the licenses that are not allowed"}
#     unknown: {type: enum, values: [refuse, warn, ignore], default: warn, about: "what a package without a readable license leads to"}
package sealock.gate.licenses

import data.sealock.lib

params := data.params.licenses

allowed := {lower(x) | some x in params.allow}

denied := {lower(x) | some x in params.deny}

active if count(allowed) + count(denied) > 0

# packages lists each component with its licenses as expressions, and how many of them can't be read.
packages := [p |
	active
	some e in lib.evidence("sbom")
	subject := lib.subject_of(e)
	some c in components(e.predicate)
	not lib.str(c, "type") in {"file", "operating-system"}
	p := {"c": c, "texts": texts(c), "e": e.digest, "subject": subject}
]

components(p) := array.concat(top, [d | some c in top; some d in lib.array(c, "components")]) if {
	top := lib.array(p, "components")
}

# texts(c) is the set of the component's licenses; "" stands for one that says nothing.
texts(c) := {license_text(l) | some l in lib.array(c, "licenses")}

license_text(l) := l.expression if {
	lib.word(l.expression)
} else := l.license.id if {
	lib.word(l.license.id)
} else := l.license.name if {
	lib.word(l.license.name)
} else := ""

# verdicts has for each different license text: ok, refused or unknown.
verdicts := {t: verdict(t) | some p in packages; some t in p.texts}

verdict(t) := "refused" if {
	lower(t) in denied
} else := "ok" if {
	lower(t) in allowed
} else := "unknown" if {
	is_null(spdx.alternatives(t))
} else := "ok" if {
	some way in spdx.alternatives(t)
	every id in way { permitted(lower(id)) }
} else := "unknown" if {
	every way in spdx.alternatives(t) {
		some id in way
		lower(id) in says_nothing
	}
} else := "refused"

says_nothing := {"noassertion", "none", "unknown"}

permitted(id) if {
	not id in says_nothing
	not id in denied
	listed(id)
	not only_base_denied(id)
}

listed(_) if count(allowed) == 0

listed(id) if id in allowed

listed(id) if base(id) in allowed

# A denied license stays denied with an exception, unless the two together are allowed.
only_base_denied(id) if {
	base(id) in denied
	not id in allowed
}

base(id) := split(id, " with ")[0]

refuse contains r if {
	some p in packages
	some t in p.texts
	verdicts[t] == "refused"
	r := {
		"code": "LICENSE_NOT_ALLOWED",
		"message": sprintf("%s is under %s", [name(p.c), lib.show(t)]),
		"expected": expectation,
		"found": lib.show(t),
		"fix": "replace the package, or allow its license in the rule's parameters",
		"evidence": p.e,
		"key": {"purl": lib.str(p.c, "purl"), "subject": p.subject},
	}
}

expectation := sprintf("a license among %s", [lib.show(concat(", ", params.allow))]) if {
	count(allowed) > 0
} else := sprintf("no license among %s", [lib.show(concat(", ", params.deny))])

unclear := [p |
	some p in packages
	not clear(p)
]

clear(p) if {
	count(p.texts) > 0
	every t in p.texts { verdicts[t] != "unknown" }
}

refuse contains r if {
	params.unknown == "refuse"
	some p in unclear
	r := unknown(sprintf("the license of %s can't be read", [name(p.c)]), found(p), p, {"purl": lib.str(p.c, "purl"), "subject": p.subject})
}

# As a warning one line for each SBOM is enough.
warn contains r if {
	params.unknown == "warn"
	some digest in {p.e | some p in unclear}
	these := [p | some p in unclear; p.e == digest]
	names := concat(", ", {name(p.c) | some p in these})
	r := unknown(sprintf("the licenses of %d packages can't be read: %s", [count(these), lib.show(names)]), found(these[0]), these[0], {"subject": these[0].subject})
}

unknown(message, what, p, key) := {
	"code": "LICENSE_UNKNOWN",
	"message": message,
	"expected": "SPDX ids or license expressions",
	"found": what,
	"fix": "add the text as it stands to allow or deny, or make the SBOM with a tool that reads license files",
	"evidence": p.e,
	"key": key,
}

found(p) := lib.show(concat(", ", [t | some t in p.texts; verdicts[t] == "unknown"])) if {
	count(p.texts) > 0
} else := "nothing"

name(c) := c.purl if {
	lib.word(c.purl)
} else := sprintf("%s %s", [lib.found(c, "name"), lib.found(c, "version")])
