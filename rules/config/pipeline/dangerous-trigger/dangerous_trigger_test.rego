# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.dangerous_trigger_test

import data.sealock.config.pipeline.dangerous_trigger
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in dangerous_trigger.finding} with input as document
}

test_pull_request_target if found(github.workflow({"on": {"pull_request_target": null}, "jobs": {"a": {"steps": [{"run": "make"}]}}})) == {"on/pull_request_target": "medium"}

test_in_a_list if found(github.workflow({"on": ["push", "pull_request_target"], "jobs": {"a": {"steps": [{"uses": "actions/checkout@v4"}]}}})) == {"on/1": "medium"}

test_text if found(github.workflow({"on": "pull_request_target", "jobs": {"a": {"uses": "octo-org/x/.github/workflows/y.yml@v1"}}})) == {"on": "medium"}

test_workflow_run if found(github.workflow({"on": {"workflow_run": {"workflows": ["ci"]}}, "jobs": {"a": {"steps": [{"run": "make"}]}}})) == {"on/workflow_run": "low"}

test_comment if found(github.workflow({"on": "issue_comment", "jobs": {"a": {"steps": [{"run": "make"}]}}})) == {"on": "low"}

test_comment_of_members_passes if found(github.workflow({"on": "issue_comment", "jobs": {"a": {"if": "github.event.comment.author_association == 'MEMBER'", "steps": [{"run": "make"}]}}})) == {}

test_labels_passes if found(github.workflow({"on": {"pull_request_target": null}, "jobs": {"a": {"steps": [{"uses": "actions/labeler@v5"}]}}})) == {}

test_pull_request_passes if found(github.workflow({"on": "pull_request", "jobs": {"a": {"steps": [{"run": "make"}]}}})) == {}

test_own_runs_only_passes if found(github.workflow({"on": {"workflow_run": {"workflows": ["ci"]}}, "jobs": {"a": {"if": "github.event.workflow_run.event == 'push'", "steps": [{"run": "make"}]}}})) == {}
