# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Privileged workflows do not trust artifacts of untrusted runs
# description: A run for a pull request can put anything into its artifacts. Unpacked into the workspace of a privileged run, they replace scripts and tools that it then runs.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/security/secure-use#mitigating-the-risks-of-untrusted-code-checkout
#   description: GitHub secure use reference, workflow_run and artifacts
# - ref: https://www.legitsecurity.com/blog/artifact-poisoning-vulnerability-discovered-in-rust
#   description: Artifact poisoning in a workflow_run job
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-09-Improper-Artifact-Integrity-Validation
#   description: OWASP CI/CD risks, CICD-SEC-9
# custom:
#   id: pipeline.untrusted-artifact
#   severity: high
#   remediation: "Take artifacts of runs for the own branches only (if: github.event.workflow_run.event == 'push'), or unpack them outside the workspace (path: ${{ runner.temp }}/…) and read them as data."
#   zeroTrust: [Z1, Z2]
#   kinds: [github]
package sealock.config.pipeline.untrusted_artifact

import data.sealock.lib.config_github as github
import data.sealock.lib.config_shell as shell

finding contains f if {
	some s in github.steps
	github.triggers(s.item)[_] == "workflow_run"
	not guarded(s)
	what := downloads(s.spec)
	f := {
		"item": s.item.id, "path": array.concat(s.path, what.path), "severity": severity(s),
		"message": sprintf("%s takes an artifact of the run that started this one, which may be one for a stranger's pull request", [what.name]),
		"found": what.name, "expected": "artifacts of trusted runs only",
	}
}

# Without a branch or a run, this action takes the newest artifact of that name, from any pull request.
finding contains f if {
	some s in github.steps
	not github.triggers(s.item).workflow_run
	github.action(s.spec) == "dawidd6/action-download-artifact"
	not github.off(github.given(s.spec, "allow_forks"))
	every name in ["branch", "commit", "run_id", "event", "run_number"] { github.given(s.spec, name) == "" }
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["uses"]), "severity": "medium",
		"message": "the newest artifact is taken, also from a run for a stranger's pull request",
		"found": "no branch, commit, run_id or allow_forks: false", "expected": "allow_forks: false, or the run or branch that is meant",
	}
}

guarded(s) if github.own_only(github.condition(s.job.spec))

guarded(s) if github.own_only(github.condition(s.spec))

others := {"dawidd6/action-download-artifact", "aochmann/actions-download-artifact", "levonet/action-download-last-artifact", "bettermarks/action-artifact-download"}

downloads(spec) := {"path": ["uses"], "name": github.action(spec)} if {
	others[github.action(spec)]
} else := {"path": ["uses"], "name": "actions/download-artifact"} if {
	github.action(spec) == "actions/download-artifact"
	github.given(spec, "run-id") != ""
} else := {"path": ["with", "script"], "name": "downloadArtifact"} if {
	github.action(spec) == "actions/github-script"
	contains(github.text_of(github.given(spec, "script")), "downloadArtifact")
} else := {"path": ["run"], "name": "gh run download"} if {
	some words in shell.commands(object.get(spec, "run", ""))
	shell.name(words) == "gh"
	array.slice(shell.arguments(words), 0, 2) == ["run", "download"]
}

# Outside the workspace it replaces nothing that is run, and where nothing there is run it is data.
severity(s) := "medium" if {
	spec := s.spec
	regex.match(`runner\.temp|RUNNER_TEMP|/tmp`, concat(" ", [github.text_of(github.given(spec, "path")), github.text_of(object.get(spec, "run", "")), github.text_of(github.given(spec, "script"))]))
} else := "medium" if {
	count([1 | some n, step in s.job.steps; n >= s.index; executes(step.spec)]) == 0
} else := "high"

# executes(spec) if a step could run what lies in the workspace.
executes(spec) if startswith(github.action(spec), "./")

executes(spec) if regex.match(`^(actions/setup-|docker/|golangci/|gradle/|pre-commit/|ruby/setup|goreleaser/|sonarsource/|super-linter/|codecov/|cloudflare/|actions/deploy|peaceiris/|jamesives/|softprops/|pypa/)`, github.action(spec))

executes(spec) if regex.match(`require\(\s*['"\x60]\.|\bexec(Sync)?\(|\bimport\(`, github.text_of(github.given(spec, "script")))

executes(spec) if {
	some words in shell.commands(github.text_of(object.get(spec, "run", "")))
	not "]]" in words # a test that goes on behind &&
	name := shell.name(words)
	not name in reading
}

reading := {
	"echo", "printf", "cat", "gh", "jq", "yq", "unzip", "grep", "test", "[", "[[", "sed", "awk", "head", "tail", "cut", "tr", "export", "exit", "ls", "mkdir", "mv", "cp", "rm", "wc",
	"sort", "uniq", "set", "true", "false", "read", "local", "fi", "done", "esac", "for", "case", "shopt", "date", "basename", "dirname", "tee", "base64", "sha256sum", "cd", "pwd", "tar",
}
