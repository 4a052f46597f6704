# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.action_pinned_test

import data.sealock.config.pipeline.action_pinned
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := found_with(document, defaults)

defaults := {"trusted": []}

found_with(document, params) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in action_pinned.finding} with input as document with data.params as {"pipeline.action-pinned": params}
}

test_own_repository_passes if found(github.steps([{"uses": "$/actions/setup"}, {"uses": "./actions/setup"}])) == {}

test_tag if found(github.steps([{"uses": "octo-org/action@v1"}])) == {"jobs/build/steps/0/uses": "high"}

test_action_of_github if found(github.steps([{"uses": "actions/checkout@v4"}])) == {"jobs/build/steps/0/uses": "medium"}

test_branch if found(github.steps([{"uses": "octo-org/action/sub@main"}])) == {"jobs/build/steps/0/uses": "high"}

test_short_commit if found(github.steps([{"uses": "octo-org/action@a1b2c3d"}])) == {"jobs/build/steps/0/uses": "high"}

test_reusable_workflow if found(github.workflow({"on": "push", "jobs": {"call": {"uses": "octo-org/ci/.github/workflows/build.yml@v2"}}})) == {"jobs/call/uses": "high"}

test_composite if found(github.action([{"uses": "octo-org/action@v1"}])) == {"runs/steps/0/uses": "high"}

test_no_version if found(github.steps([{"uses": "octo-org/action"}])) == {"jobs/build/steps/0/uses": "high"}

test_commit_passes if found(github.steps([{"uses": "actions/checkout@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}, {"uses": "octo-org/action/sub@aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}])) == {}

test_local_passes if found(github.steps([{"uses": "./.github/actions/x"}])) == {}

test_image_passes if found(github.steps([{"uses": "docker://alpine:3.20"}])) == {}

test_trusted_passes if found_with(github.steps([{"uses": "octo-org/action@v1"}, {"uses": "monalisa/tool/sub@v2"}]), {"trusted": ["octo-org", "monalisa/tool"]}) == {}

test_local_workflow_passes if found(github.workflow({"on": "push", "jobs": {"call": {"uses": "./.github/workflows/build.yml"}}})) == {}
