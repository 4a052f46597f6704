# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Tokens of a GitHub App are limited and revoked
# description: A token made without limits has all that the app may do, in every repository where it is installed, and works for an hour if it is not revoked.
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#github-app
#   description: zizmor, github-app
# - ref: https://github.com/actions/create-github-app-token#inputs
#   description: actions/create-github-app-token, inputs
# custom:
#   id: pipeline.app-token
#   severity: medium
#   remediation: "Name what is needed (repositories: one, permission-contents: read, …) and leave skip-token-revoke out."
#   zeroTrust: [Z13, Z28]
#   kinds: [github]
package sealock.config.pipeline.app_token

import data.sealock.lib.config_github as github

makes(spec) if github.action(spec) in {"actions/create-github-app-token", "tibdex/github-app-token"}

finding contains f if {
	some s in github.steps
	makes(s.spec)
	github.on(github.given(s.spec, "skip-token-revoke"))
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["with", "skip-token-revoke"]), "message": "the token is not revoked when the job ends",
		"found": "skip-token-revoke: true", "expected": "the token is revoked",
	}
}

finding contains f if {
	some s in github.steps
	github.action(s.spec) == "actions/create-github-app-token"
	github.given(s.spec, "owner") != ""
	github.given(s.spec, "repositories") == ""
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["with", "owner"]), "message": "the token is good for every repository of the owner that the app can see",
		"found": "owner without repositories", "expected": "the repositories that are meant",
	}
}

finding contains f if {
	some s in github.steps
	github.action(s.spec) == "actions/create-github-app-token"
	count([key | some key, _ in object.get(s.spec, "with", {}); startswith(lower(key), "permission-")]) == 0
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["with"]), "severity": "low", "message": "the token has all permissions of the app",
		"found": "no permission-…", "expected": "the permissions that are needed, such as permission-contents: read",
	}
}
