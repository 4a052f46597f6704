# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: The checkout does not leave the token behind
# description: actions/checkout writes the job's token into .git/config, where every later step can read it, and from where it gets into archives and artifacts of the workspace.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#artipacked
#   description: zizmor, artipacked
# - ref: https://unit42.paloaltonetworks.com/github-repo-artifacts-leak-tokens/
#   description: Unit 42, ArtiPACKED
# - ref: https://github.com/actions/checkout#usage
#   description: actions/checkout, persist-credentials
# custom:
#   id: pipeline.checkout-credentials
#   severity: low
#   remediation: "Write with: {persist-credentials: false}, and name the files of an artifact one by one."
#   zeroTrust: [Z25, Z28]
#   kinds: [github]
package sealock.config.pipeline.checkout_credentials

import data.sealock.lib.config_github as github
import data.sealock.lib.config_shell as shell

finding contains f if {
	some s in github.steps
	github.action(s.spec) == "actions/checkout"
	not github.off(github.given(s.spec, "persist-credentials"))
	upload := uploads(s)
	not needed(s, upload)
	f := object.union(
		{
			"item": s.item.id, "path": array.concat(s.path, ["with", "persist-credentials"]), "found": "persist-credentials is not false",
			"expected": "persist-credentials: false",
		},
		told(upload),
	)
}

told("") := {"severity": "low", "message": "the token stays in .git/config for all steps that follow"}

told(path) := {"severity": "high", "message": sprintf("the token stays in .git/config, and the artifact of %q holds the workspace", [path])} if path != ""

# uploads(s) is the path of an artifact that takes the whole workspace with it, after this step.
uploads(s) := min(paths) if {
	paths := {p |
		some n, step in s.job.steps
		n > s.index
		github.action(step.spec) == "actions/upload-artifact"
		not modern(step.spec)
		some p in split(github.text_of(github.given(step.spec, "path")), "\n")
		whole(trim_space(p))
	}
	count(paths) > 0
} else := ""

# From version 4.4 on, hidden files are left out unless they are asked for.
modern(spec) if {
	not github.on(github.given(spec, "include-hidden-files"))
	regex.match(`^v?([5-9]|4($|\.[4-9]|\.[1-9][0-9]))`, github.version(spec))
}

modern(spec) if {
	not github.on(github.given(spec, "include-hidden-files"))
	regex.match(`^[0-9a-f]{40}$`, github.version(spec))
}

whole(p) if regex.match(`^(\.|\./|\.\.|\*|\*\*|\./\*|\./\*\*|\*\*/\*|\$\{\{\s*github\.workspace\s*\}\}/?(\*\*?)?|\.git|\./\.git|\.git/.*)$`, p)

# Jobs that push need it. They should not upload it all the same.
needed(s, "") if {
	some step in s.job.steps
	pushes(step.spec)
}

pushes(spec) if {
	text := github.text_of(object.get(spec, "run", ""))
	regex.match(`\bgit\b|\bsemantic-release\b|\bmike deploy\b|mkdocs gh-deploy|\blerna\b|npm version|cargo release|goreleaser`, text)
	some words in shell.commands(text)
	pushing(words)
}

pushing(words) if {
	shell.name(words) == "git"
	some a in shell.arguments(words)
	a in {"push", "fetch", "pull", "submodule", "ls-remote", "clone"}
}

pushing(words) if shell.name(words) in {"semantic-release", "mike", "lerna", "gh-pages"}

pushing(words) if {
	some a in words
	a in {"semantic-release", "gh-deploy", "gh-pages"}
}

pushes(spec) if {
	regex.match(
		`^(stefanzweifel/git-auto-commit-action|peter-evans/create-pull-request|ad-m/github-push-action|endbug/add-and-commit|jamesives/github-pages-deploy-action|changesets/action|cycjimmy/semantic-release-action|helm/chart-releaser-action|googleapis/release-please-action|benc-uk/workflow-dispatch|mathieudutour/github-tag-action|anothrnick/github-tag-action|actions-js/push|devops-infra/action-commit-push|crazy-max/ghaction-github-pages|peaceiris/actions-gh-pages|tj-actions/changed-files)$`,
		github.action(spec),
	)
}
