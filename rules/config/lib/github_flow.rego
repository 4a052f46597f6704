# SPDX-License-Identifier: Apache-2.0

# Which outputs of steps and jobs, and which variables that steps set, hold text of strangers.
package sealock.lib.config_github_flow

import data.sealock.lib.config_github as github

# carried(item, job, value) is the fields that strangers write behind the outputs and variables in a part of an expression, in lower case:
# "steps.title.outputs.text (github.event.issue.title)".
carried(item, job, value) := {sprintf("%s (%s)", [m[1], field]) |
	some m in regex.find_all_string_submatch_n(`(?:^|[^\w.-])(steps\.([\w-]+)\.outputs\.([\w-]+))`, value, -1)
	some field in output(item, job, m[2], m[3])
} | ({sprintf("%s (%s)", [m[1], field]) |
	some m in regex.find_all_string_submatch_n(`(?:^|[^\w.-])(needs\.([\w-]+)\.outputs\.([\w-]+))`, value, -1)
	some field in job_output(item, m[2], m[3])
} | {sprintf("%s (%s)", [m[1], field]) |
	some m in regex.find_all_string_submatch_n(`(?:^|[^\w.-])(env\.([\w-]+))`, value, -1)
	some step in job.steps
	some field in written(item, job, step.spec, "GITHUB_ENV", m[2])
})

# job_output(item, id, name) is the fields behind an output of a job.
job_output(item, id, name) := {field |
	some job in item.jobs
	lower(job.id) == id
	some key, text in object.get(job.spec, "outputs", {})
	lower(key) == name
	some e in github.expressions(github.text_of(text))
	some field in direct(e) | inner(item, job, e)
}

inner(item, job, e) := {field |
	some m in regex.find_all_string_submatch_n(`(?:^|[^\w.-])steps\.([\w-]+)\.outputs\.([\w-]+)`, github.value_of(e), -1)
	some field in output(item, job, m[1], m[2])
}

direct(e) := {w.field | some w in github.writable(e); w.by == "anybody"}

# output(item, job, id, name) is the fields behind an output of a step.
output(item, job, id, name) := {field |
	some step in job.steps
	lower(github.text_of(object.get(step.spec, "id", ""))) == id
	some field in written(item, job, step.spec, "GITHUB_OUTPUT", name) | returned(step.spec, name)
}

# written(item, job, spec, file, name) is the fields that a script writes under a name into one of the runner's files.
written(item, job, spec, file, name) := {field |
	text := github.text_of(object.get(spec, "run", ""))
	regex.match(sprintf(`%s|set-output`, [file]), text)
	lines := split(text, "\n")
	some value in values(lines, text, name)
	some field in fields(item, job, spec, lines, value)
}

# values(lines, text, name) is what is written under a name: NAME=value, or the whole text if the value is between NAME<<EOF and EOF.
values(lines, text, name) := {m[1] |
	some line in lines
	some m in regex.find_all_string_submatch_n(sprintf(`(?i)(?:^|[\s"'{;])%s=(.*)$`, [name]), line, 1)
	regex.match(`GITHUB_(OUTPUT|ENV)`, line)
} | ({m[1] |
	some line in lines
	some m in regex.find_all_string_submatch_n(sprintf(`(?i)::set-output name=%s::(.*)$`, [name]), line, 1)
} | {text | regex.match(sprintf(`(?i)(?:^|[\s"'])%s<<`, [name]), text)})

fields(item, job, spec, lines, value) := {f | some e in github.expressions(value); some f in direct(e)} | ({f |
	some name in variables(value)
	some f in held(item, job, spec, lines, name)
} | {"a file of an artifact" |
	some m in regex.find_all_string_submatch_n(`(?:\$\(|\x60)\s*(?:cat|<|jq|head|tail|grep|unzip -p)\b?([^)\x60]*)`, value, 4)
	not regex.match(`GITHUB_|RUNNER_|package\.json|\bVERSION\b|\.git/`, m[1])
	unpacked(item, job)
})

# unpacked(item, job) if the job has taken an artifact of a run that a pull request may have started.
unpacked(item, job) if {
	"workflow_run" in github.triggers(item)
	not github.own_only(github.condition(job.spec))
	some step in job.steps
	not github.own_only(github.condition(step.spec))
	takes_artifact(step.spec)
}

takes_artifact(spec) if {
	github.action(spec) in {"dawidd6/action-download-artifact", "aochmann/actions-download-artifact", "levonet/action-download-last-artifact", "bettermarks/action-artifact-download"}
} else if {
	github.action(spec) == "actions/download-artifact"
	github.given(spec, "run-id") != ""
} else if {
	contains(github.text_of(github.given(spec, "script")), "downloadArtifact")
} else if {
	regex.match(`\bgh\s+run\s+download\b`, github.text_of(object.get(spec, "run", "")))
}

variables(text) := {concat("", [m[1], m[2]]) | some m in regex.find_all_string_submatch_n(`\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})`, text, -1)}

# held(…) is the fields in a variable of the environment, or in one that the script sets from such.
held(item, job, spec, lines, name) := {f |
	some e in github.expressions(github.text_of(object.get(github.environment(item, job, spec), name, "")))
	some f in direct(e)
} | {f |
	some line in lines
	some m in regex.find_all_string_submatch_n(sprintf(`^\s*%s=(.*)$`, [name]), line, 1)
	not regex.match(`\b(tr -cd|tr -dc|sed|cut|awk|wc|base64|jq|grep|sha\d*sum)\b`, m[1])
	some f in ({x | some e in github.expressions(m[1]); some x in direct(e)} | {x |
		some other in variables(m[1])
		some e in github.expressions(github.text_of(object.get(github.environment(item, job, spec), other, "")))
		some x in direct(e)
	})
}

# returned(spec, name) is the fields of the event that a script for actions/github-script gives back.
returned(spec, name) := {sprintf("github.event.%s", [m[2]]) |
	github.action(spec) == "actions/github-script"
	script := github.text_of(github.given(spec, "script"))
	some m in regex.find_all_string_submatch_n(
		`(return|setOutput\(\s*['"][\w-]+['"]\s*,)\s*context\.payload\.((?:issue|pull_request|comment|review|discussion|head_commit)\.(?:title|body|message|head\.ref|head\.label))`, script, -1,
	)
	gives(script, m, name)
}

gives(_, m, "result") if m[1] == "return"

gives(_, m, name) if regex.match(sprintf(`(?i)setOutput\(\s*['"]%s['"]`, [name]), m[1])
