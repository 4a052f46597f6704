# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Conditions can be false
# description: Text around an expression, a line break for instance, makes the condition a text that is not empty, and that is always true. contains() on a text finds parts of words too. Checks written so protect nothing.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#unsound-condition
#   description: zizmor, unsound-condition and unsound-contains
# - ref: https://github.com/actions/runner/issues/1173
#   description: actions/runner issue 1173, conditions with text around an expression
# custom:
#   id: pipeline.condition-sound
#   severity: medium
#   remediation: "Write the condition in one expression with nothing around it (if: a == b && c), use >- instead of | for several lines, and give contains() a list made by fromJSON('[…]')."
#   zeroTrust: [Z4]
#   kinds: [github]
package sealock.config.pipeline.condition_sound

import data.sealock.lib.config_github as github

finding contains f if {
	some place in places
	contains(place.text, "${{")
	surrounded(place.text)
	f := {
		"item": place.item.id, "path": place.path, "severity": "high",
		"message": "the condition is always true, because there is text around the expression", "found": place.text, "expected": "nothing around ${{ }}, not even a line break",
	}
}

finding contains f if {
	some place in places
	some m in regex.find_all_string_submatch_n(`contains\(\s*('[^']*')\s*,\s*((?:github|env)\.[\w.-]+)\s*\)`, place.text, -1)
	regex.match(`(?i)(ref|actor|head|base|user|owner|env\.|repository|label)`, m[2])
	not startswith(m[1], "'[")
	f := {
		"item": place.item.id, "path": place.path,
		"message": sprintf("contains() finds parts of words: every text that is within %s passes", [m[1]]), "found": m[0],
		"expected": sprintf("contains(fromJSON('[…]'), %s)", [m[2]]),
	}
}

places := array.concat(
	[{"item": j.item, "path": array.concat(j.job.path, ["if"]), "text": j.job.spec["if"]} | some j in github.jobs; is_string(object.get(j.job.spec, "if", null))],
	[{"item": s.item, "path": array.concat(s.path, ["if"]), "text": s.spec["if"]} | some s in github.steps; is_string(object.get(s.spec, "if", null))],
)

# The text of the expressions is put in, and then the whole is a text that is not empty.
surrounded(text) if regex.replace(text, `(?s)\$\{\{.*?\}\}`, "") != ""

surrounded(text) if count(regex.find_n(`(?s)\$\{\{.*?\}\}`, text, -1)) > 1
