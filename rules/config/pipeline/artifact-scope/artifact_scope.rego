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
#   kinds: [gitlab]
package sealock.config.pipeline.artifact_scope

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
