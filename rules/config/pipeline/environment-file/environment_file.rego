# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Privileged workflows write nothing from outside into GITHUB_ENV or GITHUB_PATH
# description: Whoever controls a line of these files sets variables such as LD_PRELOAD or NODE_OPTIONS, or the programs that later steps run.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#github-env
#   description: zizmor, github-env
# - ref: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#setting-an-environment-variable
#   description: GitHub, workflow commands, environment files
# custom:
#   id: pipeline.environment-file
#   severity: high
#   remediation: Hand the value on as an output (GITHUB_OUTPUT) and give it to the one step that needs it as a variable of its own.
#   zeroTrust: [Z1, Z2]
#   kinds: [github]
package sealock.config.pipeline.environment_file

import data.sealock.lib.config_github as github
import data.sealock.lib.config_shell as shell

finding contains f if {
	some s in github.runs
	target := targets(s.text)[_]
	why := reason(s, target)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["run"]), "severity": severity(s.item),
		"message": sprintf("%s is written into %s", [why, target]),
		"found": target, "expected": "GITHUB_OUTPUT, or only fixed text",
	}
}

targets(text) := {t | some t in ["GITHUB_ENV", "GITHUB_PATH"]; contains(text, t)}

severity(item) := "high" if {
	github.privileged(item)
} else := "medium"

# The same done by JavaScript.
finding contains f if {
	some s in github.steps
	github.action(s.spec) == "actions/github-script"
	some key, value in s.spec["with"]
	lower(key) == "script"
	some m in regex.find_all_string_submatch_n(
		`\b(exportVariable|addPath)\(\s*(?:['"][\w-]+['"]\s*,\s*)?context\.payload\.((?:issue|pull_request|comment|review|discussion|head_commit|workflow_run)\??\.(?:title|body|message|head\.(?:ref|label)|head_branch))`,
		github.text_of(value), 1,
	)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["with", key]), "severity": severity(s.item),
		"message": sprintf("context.payload.%s is written into the environment of the steps that follow", [m[2]]), "found": m[1], "expected": "core.setOutput, or only fixed text",
	}
}

# A variable that holds what a stranger wrote, on any event.
reason(s, target) := sprintf("$%s (%s)", [names[0], fields[names[0]]]) if {
	fields := {name: min(found) |
		some name, value in github.environment(s.item, s.job, s.spec)
		found := {w.field | some e in github.expressions(github.text_of(value)); some w in github.writable(e); w.by == "anybody"}
		count(found) > 0
		some words in writing(s.text, target)
		some a in words
		regex.match(sprintf(`\$(env:)?\{?%s\b`, [name]), a)
	}
	names := sort([n | some n, _ in fields])
	count(names) > 0
} else := "what a command prints or a variable holds" if {
	# On events of strangers, anything that is read or computed once something of theirs is there.
	github.privileged(s.item)
	brought(s)
	not github.own_only(github.condition(s.job.spec))
	not github.own_only(github.condition(s.spec))
	some words in writing(s.text, target)
	computed(words)
}

# brought(s) if the job has taken something of strangers: code, an artifact, or what the API says of a pull request or issue.
brought(s) if {
	some n, step in s.job.steps
	n <= s.index
	takes(step.spec)
}

takes(spec) if regex.match(`artifact`, github.action(spec))

takes(spec) if {
	regex.match(`(^|/)[\w-]*checkout[\w-]*$`, github.action(spec))
	text := concat(" ", [github.text_of(github.given(spec, "ref")), github.text_of(github.given(spec, "repository"))])
	regex.match(sprintf(`%s|(steps|needs)\.[\w-]+\.outputs\.`, [github.head_code]), github.normal(text))
}

takes(spec) if {
	script := concat("\n", [github.text_of(object.get(spec, "run", "")), github.text_of(github.given(spec, "script"))])
	regex.match(sprintf(`\bgh\s+(pr|issue|run|api)\b|api\.github\.com|GITHUB_API_URL|GITHUB_EVENT_PATH|downloadArtifact|\.zip\b|%s`, [github.head_code]), script)
}

# writing(text, target) is the commands whose output ends in the file.
writing(text, target) := array.concat(
	[concat_words(p) |
		some p in shell.pipelines(text)
		some words in p.commands
		some i, w in words
		w in {">>", ">", "tee", "-FilePath"}
		some j, a in words
		j > i
		regex.match(sprintf(`\$(env:)?\{?%s\b`, [target]), a)
	],
	[words |
		some words in shell.commands(text)
		shell.name(words) in {"add-content", "set-content"}
		some a in words
		regex.match(sprintf(`\$(env:)?\{?%s\b`, [target]), a)
	],
)

concat_words(p) := [w | some words in p.commands; some w in words]

harmless := `\$\(\s*(date|pwd|go env|npm prefix|npm config|yarn cache|yarn global|git rev-parse|git describe|nproc|uname|mktemp|brew --prefix|which|command -v|python3? -c|opam|rustc|dirname|basename|realpath|cygpath|ruby|node -v|node --version)[^()]*\)|\$\{?(env:)?(HOME|GITHUB_[A-Z_]+|RUNNER_[A-Z_]+|PWD|PATH|USER|USERPROFILE|CI|JAVA_HOME|GOPATH|GOROOT|CARGO_HOME|EXPRESSION)\b\}?`

computed(words) if {
	some w in words
	regex.match(`\$[({A-Za-z]|\x60`, regex.replace(w, harmless, ""))
}

computed(words) if base(words) in {"cat", "jq", "grep", "sed", "awk", "head", "tail", "unzip", "yq", "cut"}

base(words) := shell.name(words)
