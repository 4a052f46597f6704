# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Scripts do not evaluate text that comes from commits and merge requests
# description: GitLab hands titles, messages and branch names over as variables. Where a script evaluates them, gives them to another shell or puts them into a program's text, whoever writes the commit runs code in the job.
# related_resources:
# - ref: https://docs.gitlab.com/ci/variables/predefined_variables/
#   description: GitLab, predefined variables
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution
#   description: OWASP CI/CD risks, CICD-SEC-4
# - ref: https://cwe.mitre.org/data/definitions/78.html
#   description: CWE-78, OS command injection
# custom:
#   id: pipeline.variable-injection
#   severity: high
#   remediation: "Use the variable quoted (\"$CI_COMMIT_TITLE\") as one argument of a program; never in eval, in sh -c \"…\" or in the text of another program."
#   zeroTrust: [Z1, Z2, Z4]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.variable_injection

import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab
import data.sealock.lib.config_jenkins as jenkins
import data.sealock.lib.config_shell as shell

names := `(?:CI_COMMIT_(?:MESSAGE|TITLE|DESCRIPTION|BRANCH|REF_NAME|TAG|TAG_MESSAGE|AUTHOR)|CI_MERGE_REQUEST_(?:TITLE|DESCRIPTION|SOURCE_BRANCH_NAME|LABELS|MILESTONE)|CI_EXTERNAL_PULL_REQUEST_SOURCE_BRANCH_NAME|GITLAB_USER_(?:NAME|LOGIN|EMAIL)|CI_BUILD_REF_NAME)`

finding contains f if {
	some line in gitlab.lines
	regex.match(sprintf(`\$\{?%s\b`, [names]), line.text)
	hit := evaluated(line.text)
	f := {
		"item": line.item.id, "path": line.path, "message": sprintf("%s, which comes from whoever wrote the commit or merge request, is evaluated as code", [hit.name]),
		"found": hit.name, "expected": "the variable in quotes, as an argument",
	}
}

# GitHub: variables that a step, its job or the workflow fills with what a stranger writes.
finding contains f if {
	some s in github.runs
	regex.match(`\b(eval|su|ssh|docker|kubectl|[a-z]*sh|python[0-9.]*|perl|ruby|node|php)\b`, s.text)
	held := {name: min(fields) |
		some name, value in github.environment(s.item, s.job, s.spec)
		fields := {w.field | some e in github.expressions(github.text_of(value)); some w in github.writable(e); w.by == "anybody"}
		count(fields) > 0
	}
	count(held) > 0
	evaluated_names := sort([name |
		some name, _ in held
		some code in scripts(s.text)
		regex.match(sprintf(`\$\{?%s\b`, [name]), code)
	])
	count(evaluated_names) > 0
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["run"]), "message": sprintf("$%s, which holds %s, is evaluated as code", [evaluated_names[0], held[evaluated_names[0]]]),
		"found": sprintf("$%s", [evaluated_names[0]]), "expected": "the variable in quotes, as an argument",
	}
}

# The same where the script looks the text up itself.
finding contains f if {
	some s in github.runs
	regex.match(looked_up, s.text)
	names_set := {m[1] | some m in regex.find_all_string_submatch_n(sprintf(`(?m)^[^#\n]*?\b([A-Za-z_]\w*)="?(?:\$\(|\x60)[^\n]*?(?:%s)`, [looked_up]), s.text, 20)}
	shown := min({name | some name in names_set; some code in scripts(s.text); regex.match(sprintf(`\$\{?%s\b`, [name]), code)} | {"(…)" |
		some code in scripts(s.text)
		regex.match(sprintf(`(?:\$\(|\x60).*(?:%s)`, [looked_up]), code)
	})
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["run"]), "severity": looked_up_severity(s.item),
		"message": sprintf("$%s, which holds text of an issue or pull request, is evaluated as code", [shown]),
		"found": sprintf("$%s", [shown]), "expected": "the variable in quotes, as an argument",
	}
}

# looked_up is commands that print a title, a text or a branch name of somebody else.
looked_up := `gh\s+(?:pr|issue)\s+view\b[^|)\n]*\b(?:title|body|headRefName|comments)\b|jq\s[^|)\n]*\.(?:title|body|message|head\.ref|label)\b[^|)\n]*GITHUB_EVENT_PATH`

looked_up_severity(item) := "critical" if {
	github.privileged(item)
} else := "high"

# Jenkins: variables that change requests and build parameters fill.
finding contains f if {
	some s in jenkins.scripts
	regex.match(`\$|%`, s.step.text)
	read := {m | some code in codes(s.step); some m in variables(code)}
	hit := jenkins.worst(s.item, read)
	hit.by in {"anybody", "callers"}
	f := {
		"item": s.item.id, "path": s.path, "severity": {"anybody": "high", "callers": "medium"}[hit.by],
		"message": sprintf("%s, which %s can write, is evaluated as code", [hit.name, jenkins.who[hit.by]]), "found": hit.name, "expected": "the variable in quotes, as an argument",
	}
}

# cmd puts variables into the line before it reads it.
codes(step) := {step.text} if {
	step.step == "bat"
} else := scripts(step.text)

variables(code) := {trim(m, "$%{}") | some m in regex.find_n(`\$\{?[A-Za-z_]\w*|%[A-Za-z_]\w*%`, code, 50)}

evaluated(text) := {"name": min(found)} if {
	found := {sprintf("$%s", [m[1]]) |
		some code in (scripts(text) | substitutions(text))
		some m in regex.find_all_string_submatch_n(sprintf(`\$\{?(%s)\b`, [names]), code, -1)
	}
	count(found) > 0
}

# What is given to another interpreter as its program, after this shell put the variable in. Between single quotes the inner shell reads the
# variable itself, which is safe unless it is evaluated there.
scripts(text) := {code |
	some words in shell.commands(text)
	code := program(words, text)
} | {code |
	some p in shell.pipelines(text)
	some i, reader in p.commands
	i > 0
	shell.runs_input(reader)
	shell.name(p.commands[i - 1]) in {"echo", "printf"}
	code := concat(" ", shell.arguments(p.commands[i - 1]))
}

program(words, text) := concat(" ", shell.arguments(words)) if {
	shell.name(words) == "eval"
} else := code if {
	some i, w in shell.arguments(words)
	shell.name(words) in shell.interpreters
	regex.match(`^-[a-z]*[ce]$`, w)
	code := shell.arguments(words)[i + 1]
	not single(code, text)
} else := code if {
	shell.name(words) in {"ssh", "su", "docker", "kubectl"}
	code := concat(" ", [w | some w in shell.arguments(words); contains(w, " "); not single(w, text)])
}

# The word stood between single quotes.
single(code, text) if {
	contains(text, sprintf("'%s'", [code]))
	not regex.match(`\beval\b`, code)
}

substitutions(text) := {sprintf("$%s", [m[1]]) |
	some m in regex.find_all_string_submatch_n(sprintf(`(?:sed|awk|perl)\s[^|;]*"[^"]*\$\{?(%s)\}?[^"]*/e[^"]*"`, [names]), text, -1)
}
