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

boms := [d | active; some d in lib.read("sbom")]

# verdicts has for each different license text: ok, refused or unknown. The empty text stands for no license.
verdicts := {text: verdict(text) | some d in boms; some text, _ in d.licenses}

verdict(text) := "refused" if {
	lower(text) in denied
} else := "ok" if {
	lower(text) in allowed
} else := "unknown" if {
	is_null(spdx.alternatives(text))
} else := "ok" if {
	some way in spdx.alternatives(text)
	every id in way { permitted(lower(id)) }
} else := "unknown" if {
	every way in spdx.alternatives(text) {
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
	some text, "refused" in verdicts
	some d in boms
	some p in object.get(d.licenses, text, [])
	r := reason(
		d.ref, "LICENSE_NOT_ALLOWED", sprintf("%s is under %s", [p.name, lib.first(text)]), expectation, lib.first(text),
		"replace the package, or allow its license in the rule's parameters", p.purl,
	)
}

expectation := sprintf("a license among %s", [lib.first(concat(", ", params.allow))]) if {
	count(allowed) > 0
} else := sprintf("no license among %s", [lib.first(concat(", ", params.deny))])

refuse contains r if {
	params.unknown == "refuse"
	some text, "unknown" in verdicts
	some d in boms
	some p in object.get(d.licenses, text, [])
	r := unclear(d.ref, sprintf("the license of %s can't be read", [p.name]), {text}, p.purl)
}

# As a warning one line for each SBOM is enough.
warn contains r if {
	params.unknown == "warn"
	some d in boms
	texts := {text | some text, "unknown" in verdicts; d.licenses[text]}
	names := {p.name | some text in texts; some p in d.licenses[text]}
	count(names) > 0
	r := unclear(d.ref, sprintf("the licenses of %d packages can't be read: %s", [count(names), lib.first(concat(", ", names))]), texts, "")
}

unclear(ref, message, texts, purl) := reason(
	ref, "LICENSE_UNKNOWN", message, "SPDX ids or license expressions", found(texts),
	"add the text as it stands to allow or deny, or make the SBOM with a tool that reads license files", purl,
)

found(texts) := "no license" if {
	texts == {""}
} else := lib.first(concat(", ", texts - {""}))

reason(ref, code, message, expected, what, fix, purl) := {
	"code": code,
	"message": message,
	"expected": expected,
	"found": what,
	"fix": fix,
	"evidence": ref.evidence,
	"key": {"purl": purl, "subject": ref.subject},
}
