# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.secrets_inherit_test

import data.sealock.config.pipeline.secrets_inherit
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in secrets_inherit.finding} with input as document
}

test_other_repository if found(github.workflow({"on": "push", "jobs": {"a": {"uses": "octo-org/x/.github/workflows/y.yml@v1", "secrets": "inherit"}}})) == {"jobs/a/secrets": "medium"}

test_own if found(github.workflow({"on": "push", "jobs": {"a": {"uses": "./.github/workflows/y.yml", "secrets": "inherit"}}})) == {"jobs/a/secrets": "low"}

test_named_passes if found(github.workflow({"on": "push", "jobs": {"a": {"uses": "./.github/workflows/y.yml", "secrets": {"T": "${{ secrets.T }}"}}}})) == {}

test_none_passes if found(github.workflow({"on": "push", "jobs": {"a": {"uses": "./.github/workflows/y.yml"}}})) == {}
