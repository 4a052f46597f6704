# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Conditions on bots ask who made the pull request
# description: github.actor is whoever acted last. A stranger can make a bot act last on his own pull request, and then passes the condition.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#bot-conditions
#   description: zizmor, bot-conditions
# - ref: https://www.synacktiv.com/publications/github-actions-exploitation-dependabot
#   description: Synacktiv, GitHub Actions exploitation, Dependabot
# custom:
#   id: pipeline.bot-condition
#   severity: medium
#   remediation: "Ask for github.event.pull_request.user.login == 'dependabot[bot]', and that the branch is of this repository."
#   zeroTrust: [Z4, Z6]
#   kinds: [github]
package sealock.config.pipeline.bot_condition

import data.sealock.lib.config_github as github

finding contains f if {
	some place in places
	some m in regex.find_all_string_submatch_n(pattern, github.normal(place.text), 1)
	not regex.match(`pull_request\.user\.login\s*==|issue\.user\.login\s*==|issue\.sender\.login\s*==`, github.normal(place.text))
	f := {
		"item": place.item.id, "path": place.path, "severity": severity(place.item),
		"message": "the condition lets everything through on which a bot acted last", "found": m[0],
		"expected": "github.event.pull_request.user.login == '…[bot]'",
	}
}

pattern := `(?i)github\.(actor|triggering_actor)\s*==\s*['"][^'"]*\[bot\]['"]|['"][^'"]*\[bot\]['"]\s*==\s*github\.(actor|triggering_actor)|github\.event\.(pull_request\.)?sender\.login\s*==\s*['"][^'"]*\[bot\]['"]|github\.actor_id\s*==\s*['"]?(49699333|29139614|41898282)\b`

finding contains f if {
	some place in places
	some m in regex.find_all_string_submatch_n(listed, github.normal(place.text), 1)
	not regex.match(`!\s*$`, split(github.normal(place.text), m[0])[0])
	not regex.match(`pull_request\.user\.login|issue\.user\.login`, github.normal(place.text))
	f := {
		"item": place.item.id, "path": place.path, "severity": severity(place.item),
		"message": "the condition lets everything through on which a bot acted last", "found": m[0],
		"expected": "github.event.pull_request.user.login == '…[bot]'",
	}
}

# The same asked of a list of names, or of a part of the name.
listed := `contains\(\s*fromjson\(\s*'[^']*\[bot\][^']*'\s*\)\s*,\s*github\.(triggering_)?actor\s*\)|(contains|startswith|endswith)\(\s*github\.(triggering_)?actor\s*,\s*'(\[bot\]|bot|[\w-]*\[bot\]|dependabot|renovate|github-actions)'\s*\)`

places := array.concat(
	[{"item": j.item, "path": array.concat(j.job.path, ["if"]), "text": github.condition(j.job.spec)} | some j in github.jobs],
	[{"item": s.item, "path": array.concat(s.path, ["if"]), "text": github.condition(s.spec)} | some s in github.steps],
)

severity(item) := "high" if {
	count(github.triggers(item) & {"pull_request_target", "workflow_run", "issue_comment"}) > 0
} else := "medium"
