# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Artifacts hold what is handed on, and nothing else
# description: The whole tree, or everything that is not in git, takes .git with the job's token and files with secrets along, for everybody who may read artifacts.
# related_resources:
# - ref: https://docs.gitlab.com/ci/yaml/#artifactsuntracked
#   description: GitLab, artifacts:untracked and artifacts:paths
# - ref: https://unit42.paloaltonetworks.com/github-repo-artifacts-leak-tokens/
#   description: Unit 42, tokens in artifacts
# custom:
#   id: pipeline.artifact-scope
#   severity: medium
#   remediation: "Name the files: artifacts: {paths: [out/app]}"
#   zeroTrust: [Z13, Z25]
#   kinds: [github, gitlab]
package sealock.config.pipeline.artifact_scope

import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab

finding contains f if {
	some b in gitlab.blocks
	some n, p in gitlab.list(object.get(b.spec, ["artifacts", "paths"], []))
	is_string(p)
	regex.match(`^(\.|\./|\*|\*\*|\./\*|\*\*/\*|\./\*\*/?\*?|\$\{?CI_PROJECT_DIR\}?/?(\*\*?)?|\.git/?.*|\.env.*)$`, p)
	f := {
		"item": b.item.id, "path": array.concat(b.path, ["artifacts", "paths", n]), "message": sprintf("the artifact takes %q", [p]), "found": p,
		"expected": "the files that later jobs need",
	}
}

finding contains f if {
	some b in gitlab.blocks
	object.get(b.spec, ["artifacts", "untracked"], false) == true
	count(gitlab.list(object.get(b.spec, ["artifacts", "exclude"], []))) == 0
	f := {
		"item": b.item.id, "path": array.concat(b.path, ["artifacts", "untracked"]), "message": "the artifact takes every file that is not in git",
		"found": "untracked: true", "expected": "the files that later jobs need",
	}
}

# GitHub: files that hold secrets, by name. What takes the whole tree is a finding of pipeline.checkout-credentials.
finding contains f if {
	some s in github.steps
	github.action(s.spec) == "actions/upload-artifact"
	some p in split(github.text_of(github.given(s.spec, "path")), "\n")
	path := trim_space(p)
	regex.match(`(^|/)(\.env(\.(local|prod|production|dev|staging))?|\.git-credentials|\.netrc|\.npmrc|\.pypirc|\.docker/config\.json|\.aws(/.*)?|\.kube/config|\.ssh(/.*)?|id_(rsa|ed25519|ecdsa)|[^/]*\.pem|kubeconfig|credentials\.json|gha-creds-[^/]*)$`, path)
	not startswith(path, "!")
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["with", "path"]), "message": sprintf("the artifact takes %q, which holds secrets", [path]), "found": path,
		"expected": "the files that later jobs need",
	}
}
