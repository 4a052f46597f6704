# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.untrusted_checkout_test

import data.sealock.config.pipeline.untrusted_checkout
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in untrusted_checkout.finding} with input as document
}

prt(types, jobs) := github.workflow({"on": {"pull_request_target": {"types": types}}, "jobs": jobs})

test_label_of_before if found(prt(["opened", "labeled"], {"a": {"if": "contains(github.event.pull_request.labels.*.name, 'safe')", "steps": [{"uses": "actions/checkout@v5", "with": {"ref": "${{ github.event.pull_request.head.sha }}"}}, {"run": "make"}]}})) == {"jobs/a/steps/0/with/ref": "critical"}

test_label_for_this_commit if found(prt(["labeled"], {"a": {"if": "github.event.label.name == 'safe'", "steps": [{"uses": "actions/checkout@v5", "with": {"ref": "${{ github.event.pull_request.head.sha }}"}}, {"run": "make"}]}})) == {"jobs/a/steps/0/with/ref": "medium"}

test_rights_asked_in_another_job if found(prt(["opened"], {"ask": {"steps": [{"uses": "actions-cool/check-user-permission@v2", "with": {"require": "write"}}]}, "a": {"needs": "ask", "steps": [{"uses": "actions/checkout@v5", "with": {"ref": "${{ github.head_ref }}"}}, {"run": "make"}]}})) == {"jobs/a/steps/0/with/ref": "medium"}

test_rights_asked_in_a_job_that_nobody_waits_for if found(prt(["opened"], {"ask": {"steps": [{"uses": "actions-cool/check-user-permission@v2"}]}, "a": {"steps": [{"uses": "actions/checkout@v5", "with": {"ref": "${{ github.head_ref }}"}}, {"run": "make"}]}})) == {"jobs/a/steps/0/with/ref": "critical"}

test_association_asked if found(github.workflow({"on": "issue_comment", "jobs": {"a": {"if": "github.event.comment.author_association == 'MEMBER' && github.event.comment.body == '/test'", "steps": [{"run": "gh pr checkout 1\nmake"}]}}})) == {"jobs/a/steps/0/run": "medium"}

test_head_in_an_answer if found(github.on("issue_comment", [{"id": "pr", "uses": "octokit/request-action@v2"}, {"uses": "actions/checkout@v5", "with": {"ref": "${{ fromJSON(steps.pr.outputs.data).head.sha }}"}}, {"run": "make"}])) == {"jobs/build/steps/1/with/ref": "critical"}

test_looked_up_in_the_script if found(github.on("issue_comment", [{"run": "sha=$(gh api \"repos/$R/pulls/$N\" --jq .head.sha)\ngit fetch origin \"$sha\"\ngit checkout \"$sha\"\nmake"}])) == {"jobs/build/steps/0/run": "critical"}

test_variable_of_the_step if found(github.on("workflow_run", [{"env": {"SHA": "${{ github.event.workflow_run.head_sha }}"}, "uses": "actions/checkout@v5", "with": {"ref": "${{ env.SHA }}"}}, {"run": "make"}])) == {"jobs/build/steps/0/with/ref": "critical"}

test_head_sha_is_built if found(github.on("pull_request_target", [{"uses": "actions/checkout@v4", "with": {"ref": "${{ github.event.pull_request.head.sha }}"}}, {"run": "make test"}])) == {"jobs/build/steps/0/with/ref": "critical"}

test_head_ref_of_fork if found(github.on("pull_request_target", [{"uses": "actions/checkout@v4", "with": {"repository": "${{ github.event.pull_request.head.repo.full_name }}", "ref": "${{ github.head_ref }}"}}, {"run": "npm ci"}])) == {"jobs/build/steps/0/with/ref": "critical"}

test_only_read if found(github.on("pull_request_target", [{"uses": "actions/checkout@v4", "with": {"ref": "refs/pull/${{ github.event.number }}/merge"}}, {"uses": "octo-org/lint@v1"}])) == {"jobs/build/steps/0/with/ref": "high"}

test_of_the_run if found(github.on("workflow_run", [{"uses": "actions/checkout@v4", "with": {"ref": "${{ github.event.workflow_run.head_sha }}"}}, {"run": "make"}])) == {"jobs/build/steps/0/with/ref": "critical"}

test_g14_comment if found(github.on("issue_comment", [{"run": "gh pr checkout ${{ github.event.issue.number }}"}, {"run": "make"}])) == {"jobs/build/steps/0/run": "critical"}

test_comment_looked_up if found(github.on("issue_comment", [{"id": "pr", "run": "./lookup"}, {"uses": "actions/checkout@v4", "with": {"ref": "${{ steps.pr.outputs.head_sha }}"}}, {"run": "make"}])) == {"jobs/build/steps/1/with/ref": "critical"}

test_fetched if found(github.on("pull_request_target", [{"run": "git fetch origin pull/${{ github.event.number }}/head:pr\ngit checkout pr\nmake"}])) == {"jobs/build/steps/0/run": "critical"}

test_fetched_by_variable if found(github.on("pull_request_target", [{"env": {"REF": "${{ github.event.pull_request.head.ref }}"}, "run": "git fetch origin \"$REF\""}, {"run": "make"}])) == {"jobs/build/steps/0/run": "critical"}

test_fetched_by_expression if found(github.on("pull_request_target", [{"run": "git checkout ${{ github.event.pull_request.head.sha }}"}, {"run": "make"}])) == {"jobs/build/steps/0/run": "critical"}

test_label if found(github.workflow({"on": {"pull_request_target": {"types": ["labeled"]}}, "jobs": {"build": {"if": "contains(github.event.pull_request.labels.*.name, 'safe')", "steps": [{"uses": "actions/checkout@v4", "with": {"ref": "${{ github.event.pull_request.head.sha }}"}}, {"run": "make"}]}}})) == {"jobs/build/steps/0/with/ref": "critical"}

test_ref_in_variable if found(github.workflow({"on": "pull_request_target", "env": {"HEAD": "${{ github.event.pull_request.head.sha }}"}, "jobs": {"build": {"steps": [{"uses": "actions/checkout@v4", "with": {"ref": "${{ env.HEAD }}"}}, {"run": "make"}]}}})) == {"jobs/build/steps/0/with/ref": "critical"}

test_base_passes if found(github.on("pull_request_target", [{"uses": "actions/checkout@v4"}, {"run": "make"}])) == {}

test_unprivileged_passes if found(github.on("pull_request", [{"uses": "actions/checkout@v4", "with": {"ref": "${{ github.event.pull_request.head.sha }}"}}, {"run": "make"}])) == {}

test_own_branches_passes if found(github.workflow({"on": "pull_request_target", "jobs": {"build": {"if": "github.event.pull_request.head.repo.full_name == github.repository", "steps": [{"uses": "actions/checkout@v4", "with": {"ref": "${{ github.event.pull_request.head.sha }}"}}, {"run": "make"}]}}})) == {}

test_run_for_push_passes if found(github.workflow({"on": {"workflow_run": {"workflows": ["ci"]}}, "jobs": {"build": {"if": "github.event.workflow_run.event == 'push'", "steps": [{"uses": "actions/checkout@v4", "with": {"ref": "${{ github.event.workflow_run.head_sha }}"}}, {"run": "make"}]}}})) == {}

test_other_event_passes if found(github.workflow({"on": ["pull_request_target", "push"], "jobs": {"build": {"if": "github.event_name == 'push'", "steps": [{"uses": "actions/checkout@v4", "with": {"ref": "${{ github.head_ref }}"}}, {"run": "make"}]}}})) == {}

test_git_without_pull_request_passes if found(github.on("pull_request_target", [{"run": "git fetch origin main && git checkout main"}])) == {}

test_comment_in_script_passes if found(github.on("pull_request_target", [{"run": "# git checkout ${{ github.head_ref }}\nmake"}])) == {}

test_head_that_a_step_looked_up if found(github.on("workflow_run", [{"id": "pr", "run": "./lookup"}, {"uses": "actions/checkout@v4", "with": {"ref": "${{ steps.pr.outputs.head_sha }}"}}, {"run": "make"}])) == {"jobs/build/steps/1/with/ref": "critical"}

test_another_action_that_checks_out if found(github.on("pull_request_target", [{"uses": "octo-org/cached-lfs-checkout@v1", "with": {"ref": "${{ github.head_ref }}"}}, {"run": "make"}])) == {"jobs/build/steps/0/with/ref": "critical"}

test_changes_that_are_applied if found(github.on("issue_comment", [{"run": "gh pr diff 7 | git apply\nmake"}])) == {"jobs/build/steps/0/run": "critical"}

test_own_branch_that_a_step_looked_up_passes if found(github.on("workflow_run", [{"uses": "actions/checkout@v4", "with": {"ref": "${{ steps.release.outputs.tag }}"}}, {"run": "make"}])) == {}

test_archive_of_the_head if found(github.on("pull_request_target", [{"run": "curl -L https://github.com/x/y/archive/${{ github.event.pull_request.head.sha }}.tar.gz | tar xz\nmake"}])) == {"jobs/build/steps/0/run": "critical"}
