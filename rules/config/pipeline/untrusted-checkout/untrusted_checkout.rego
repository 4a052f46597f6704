# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Privileged workflows do not check out the code of pull requests
# description: pull_request_target, workflow_run and issue_comment run with the repository's token and secrets. Whoever opens a pull request can have them if the job builds, tests or even configures tools from that code.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/security/secure-use#mitigating-the-risks-of-untrusted-code-checkout
#   description: GitHub secure use reference, risks of untrusted code checkout
# - ref: https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
#   description: GitHub Security Lab, preventing pwn requests
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution
#   description: OWASP CI/CD risks, CICD-SEC-4
# custom:
#   id: pipeline.untrusted-checkout
#   severity: critical
#   remediation: Build and test pull requests on the event pull_request, without secrets; hand results to a workflow_run job that treats them as data.
#   zeroTrust: [Z2, Z4, Z13]
#   kinds: [github]
package sealock.config.pipeline.untrusted_checkout

import data.sealock.lib.config_github as github
import data.sealock.lib.config_shell as shell

risky := {"pull_request_target", "workflow_run", "issue_comment", "issues", "check_run", "check_suite", "discussion_comment", "discussion"}

finding contains f if {
	some s in github.steps
	some trigger in {t | some t in (github.triggers(s.item) & risky); reached(s, t)}
	trigger == min({t | some t in (github.triggers(s.item) & risky); reached(s, t)})
	some hit in hits(s, trigger)
	f := {
		"item": s.item.id, "path": array.concat(s.path, hit.path), "severity": severity(s, trigger),
		"message": sprintf("on %s, %s%s", [trigger, hit.what, later(s, trigger)]),
		"found": hit.found, "expected": "only code of this repository in a run that has its rights",
	}
}

reached(s, trigger) if {
	every text in [github.condition(s.job.spec), github.condition(s.spec)] {
		not github.own_only(text)
		not github.not_for(text, trigger)
	}
}

hits(s, trigger) := {h |
	regex.match(`(^|/)[\w-]*checkout[\w-]*$`, github.action(s.spec))
	some name in ["ref", "repository"]
	value := github.text_of(github.given(s.spec, name))
	names_code(s, value, trigger)
	h := {"path": ["with", name], "what": "the code of the pull request is checked out", "found": sprintf("%s: %s", [name, value])}
	not both(s, name, trigger)
} | (fetched(s, trigger) | quoted(s))

# A checkout that names both gives one finding, on ref.
both(s, "repository", trigger) if names_code(s, github.text_of(github.given(s.spec, "ref")), trigger)

names_code(_, value, _) if github.names_head(value)

names_code(s, value, trigger) if {
	trigger in {"issue_comment", "issues", "discussion_comment"}
	github.names_looked_up(value)
	count(s.path) > 0
}

names_code(_, value, trigger) if {
	trigger in {"pull_request_target", "workflow_run"}
	github.names_looked_up_head(value)
}

names_code(s, value, _) if {
	some name in variables(value)
	github.names_head(github.text_of(object.get(github.environment(s.item, s.job, s.spec), name, "")))
}

variables(value) := {m[1] | some m in regex.find_all_string_submatch_n(`env\.([A-Za-z0-9_]+)`, value, -1)}

script(s) := github.text_of(object.get(s.spec, "run", ""))

fetched(s, _) := {h |
	text := script(s)
	regex.match(`\b(gh|hub|git)\b`, text)
	some words in shell.commands(text)
	gets(s, words)
	h := {"path": ["run"], "what": "the script gets the code of the pull request", "found": shell.clip(concat(" ", words))}
}

gets(_, words) if {
	shell.name(words) in {"gh", "hub"}
	array.slice(shell.arguments(words), 0, 2) == ["pr", "checkout"]
}

# The head of a pull request, looked up and moved to in one script.
gets(s, words) if {
	moving(words)
	some a in shell.arguments(words)
	regex.match(`\$|\x60|^FETCH_HEAD$`, a)
	regex.match(`\bgh\s+(api|pr\s+view)\b[^\n]*(\.head\.(sha|ref)\b|headRef(Oid|Name)\b)`, script(s))
}

# The changes of a pull request, put into the tree.
gets(s, words) if {
	shell.name(words) == "gh"
	array.slice(shell.arguments(words), 0, 2) == ["pr", "diff"]
	regex.match(`\|\s*(git apply|git am|patch)\b`, script(s))
}

gets(_, words) if {
	moving(words)
	some a in shell.arguments(words)
	regex.match(`refs/pull/|(^|[+:/])pull/[^ ]*/(head|merge)`, a)
}

gets(s, words) if {
	moving(words)
	some a in shell.arguments(words)
	some name, value in github.environment(s.item, s.job, s.spec)
	regex.match(sprintf(`\$\{?%s\b`, [name]), a)
	github.names_head(github.text_of(value))
}

moving(words) if {
	shell.name(words) == "git"
	some verb in array.slice(shell.arguments(words), 0, 4)
	verb in {"fetch", "pull", "checkout", "switch", "clone", "merge", "reset", "worktree"}
}

# Expressions are not in the words any more; they are looked for on the line.
quoted(s) := {{"path": ["run"], "what": "the script gets the code of the pull request", "found": shell.clip(trim_space(line))} |
	text := script(s)
	contains(text, "${{")
	some line in regex.find_n(`(?m)^[^#\n]*\b(?:git|curl|wget)\s[^\n]*\$\{\{[^\n]*$`, text, -1)
	regex.match(`\bgit\s+(-\S+\s+\S+\s+)?(fetch|pull|checkout|switch|clone|merge|reset)\b|\b(curl|wget)\s.*(/archive/|/tarball/|/zipball/|codeload\.github)`, line)
	some e in github.expressions(line)
	github.names_head(e)
	not regex.match(`(^|[:+/])(refs/)?pull/`, line)
}

# Code that somebody with rights asked to be run is less dangerous than code that runs by itself, and code that is only looked at than code that is run.
severity(s, trigger) := "medium" if {
	asked(s, trigger)
} else := "critical" if {
	some n, step in s.job.steps
	n > s.index
	acts(step.spec)
} else := "critical" if {
	contains(trim_space(script(s)), "\n")
} else := "high"

acts(spec) if is_string(object.get(spec, "run", null))

acts(spec) if startswith(github.action(spec), "./")

acts(spec) if regex.match(`^(actions/setup-|docker/build|golangci/|gradle/|pre-commit/|ruby/setup|goreleaser/|sonarsource/|super-linter/)`, github.action(spec))

later(s, trigger) := "; it can be changed after somebody looked at it" if {
	trigger in {"issue_comment", "discussion_comment"}
	s.index >= 0
} else := "; a label says nothing about commits that come after it" if {
	contains(concat(" ", [github.condition(s.job.spec), github.condition(s.spec)]), "label")
} else := ""

# asked(s, trigger) if only people with rights in the repository get the job to run. What they looked at may still not be what runs.
asked(s, _) if {
	some text in conditions(s)
	regex.match(`author_association\s*==\s*'(owner|member|collaborator)'|contains\(\s*fromjson\(\s*'\[[^']*\]'\s*\)\s*,\s*github\.(event\.(comment|issue|pull_request|review)\.author_association|actor|event\.(comment|sender)\.(user\.)?login)`, github.normal(text))
	not contains(lower(text), "'none'")
	not regex.match(`contributor|first_time|\[bot\]|!\s*contains`, github.normal(text))
	not contains(text, "||")
}

asked(s, _) if {
	some text in conditions(s)
	regex.match(`github\.(actor|event\.comment\.user\.login|event\.sender\.login)\s*==\s*['"][\w-]+['"]`, github.normal(text))
	not contains(text, "||")
}

# The label that was just set, for this commit. With other types of the event, or asked of the list of labels, one of before counts for what is pushed later.
asked(s, "pull_request_target") if {
	types := object.get(s.item.events, ["pull_request_target", "types"], [])
	{t | some t in as_list(types)} == {"labeled"}
	some text in conditions(s)
	regex.match(`github\.event\.label\.name\s*==`, github.normal(text))
	regex.match(`head\.sha`, github.normal(github.text_of(github.given(s.spec, "ref"))))
}

# A step before it, or a job that it waits for, asks the platform for the rights of who started it.
asked(s, _) if {
	some n, step in s.job.steps
	n < s.index
	asks(step.spec)
}

asked(s, _) if {
	some job in s.item.jobs
	job.id in {n | some n in as_list(object.get(s.job.spec, "needs", []))}
	some step in job.steps
	asks(step.spec)
}

asks(spec) if github.action(spec) in {
	"actions-cool/check-user-permission", "prince-chrismc/check-actor-permissions-action", "lannonbr/repo-permission-check-action",
	"shogo82148/actions-check-permissions", "sushichop/action-repository-permission", "tspascoal/get-user-teams-membership",
	"themoddinginquisition/actions-team-membership", "skjnldsv/check-actor-permission", "octokit/is-collaborator",
}

asks(spec) if {
	text := concat("\n", [github.text_of(object.get(spec, "run", "")), github.text_of(github.given(spec, "script"))])
	regex.match(`collaborators/[^\s"']+/permission|getCollaboratorPermissionLevel|checkCollaborator`, text)
	regex.match(`exit 1|setFailed|throw `, text)
}

conditions(s) := [github.condition(s.job.spec), github.condition(s.spec)]

as_list(v) := v if {
	is_array(v)
} else := [v] if {
	is_string(v)
} else := []
