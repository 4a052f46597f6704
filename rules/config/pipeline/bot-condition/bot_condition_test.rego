# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.bot_condition_test

import data.sealock.config.pipeline.bot_condition
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in bot_condition.finding} with input as document
}

test_job if found(github.workflow({"on": "pull_request", "jobs": {"a": {"if": "github.actor == 'dependabot[bot]'", "steps": []}}})) == {"jobs/a/if": "medium"}

test_privileged_step if found(github.on("pull_request_target", [{"if": "${{ 'renovate[bot]' == github.triggering_actor }}", "run": "gh pr merge --auto"}])) == {"jobs/build/steps/0/if": "high"}

test_id if found(github.on("pull_request", [{"if": "github.actor_id == 49699333", "run": "x"}])) == {"jobs/build/steps/0/if": "medium"}

test_index if found(github.on("pull_request", [{"if": "github['ACTOR'] == 'x[bot]'", "run": "x"}])) == {"jobs/build/steps/0/if": "medium"}

test_list if found(github.on("pull_request_target", [{"if": "contains(fromJSON('[\"renovate[bot]\"]'), github.actor)", "run": "x"}])) == {"jobs/build/steps/0/if": "high"}

test_part if found(github.on("pull_request", [{"if": "startsWith(github.actor, 'renovate')", "run": "x"}])) == {"jobs/build/steps/0/if": "medium"}

test_not_part_passes if found(github.on("pull_request", [{"if": "!contains(github.actor, '[bot]')", "run": "x"}])) == {}

test_author_passes if found(github.workflow({"on": "pull_request", "jobs": {"a": {"if": "github.event.pull_request.user.login == 'dependabot[bot]'", "steps": []}}})) == {}

test_both_passes if found(github.workflow({"on": "pull_request", "jobs": {"a": {"if": "github.event.pull_request.user.login == 'dependabot[bot]' && github.actor == 'dependabot[bot]'", "steps": []}}})) == {}

test_keeps_bots_out_passes if found(github.workflow({"on": "pull_request", "jobs": {"a": {"if": "github.actor != 'dependabot[bot]'", "steps": []}}})) == {}

test_person_passes if found(github.steps([{"if": "github.actor == 'alice'", "run": "x"}])) == {}
