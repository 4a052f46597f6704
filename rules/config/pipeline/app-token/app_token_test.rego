# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.app_token_test

import data.sealock.config.pipeline.app_token
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in app_token.finding} with input as document
}

test_not_revoked if found(github.steps([{"uses": "actions/create-github-app-token@v2", "with": {"skip-token-revoke": true, "permission-contents": "read"}}])) == {"jobs/build/steps/0/with/skip-token-revoke": ""}

test_all_repositories if found(github.steps([{"uses": "actions/create-github-app-token@v2", "with": {"owner": "octo-org", "permission-contents": "read"}}])) == {"jobs/build/steps/0/with/owner": ""}

test_all_permissions if found(github.steps([{"uses": "actions/create-github-app-token@v2", "with": {"app-id": 1}}])) == {"jobs/build/steps/0/with": "low"}

test_limited_passes if found(github.steps([{"uses": "actions/create-github-app-token@v2", "with": {"owner": "octo-org", "repositories": "a", "permission-contents": "read"}}])) == {}

test_other_passes if found(github.steps([{"uses": "octo-org/token@v1"}])) == {}
