# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.permissions_minimal_test

import data.sealock.config.pipeline.permissions_minimal
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in permissions_minimal.finding} with input as document
}

test_shared_by_the_rest if found(github.workflow({"on": "push", "permissions": {"contents": "write"}, "jobs": {"a": {"permissions": {"deployments": "write"}, "steps": []}, "b": {"steps": []}}})) == {"permissions/contents": "medium"}

test_write_all if found(github.workflow({"on": "push", "permissions": "write-all", "jobs": {"a": {"steps": []}}})) == {"permissions": "high"}

test_write_all_of_job if found(github.workflow({"on": "push", "permissions": {}, "jobs": {"a": {"permissions": "write-all", "steps": []}}})) == {"jobs/a/permissions": "high"}

test_read_all if found(github.workflow({"on": "push", "permissions": "read-all", "jobs": {"a": {"steps": []}}})) == {"permissions": "low"}

test_shared if found(github.workflow({"on": "push", "permissions": {"contents": "write"}, "jobs": {"a": {"steps": []}, "b": {"steps": []}}})) == {"permissions/contents": "medium"}

test_g07_pull_request if found(github.workflow({"on": "pull_request", "permissions": {}, "jobs": {"a": {"permissions": {"id-token": "write", "contents": "read"}, "steps": [{"uses": "actions/checkout@v4"}]}}})) == {"jobs/a/permissions/id-token": "medium"}

test_pull_request_shared if found(github.workflow({"on": ["push", "pull_request"], "permissions": {"packages": "write"}, "jobs": {"a": {"steps": [{"uses": "actions/checkout@v4"}]}, "b": {"steps": []}}})) == {"permissions/packages": "medium"}

test_shared_weak if found(github.workflow({"on": "push", "permissions": {"issues": "write"}, "jobs": {"a": {"steps": []}, "b": {"steps": []}}})) == {"permissions/issues": "low"}

test_least_passes if found(github.workflow({"on": "push", "permissions": {}, "jobs": {"a": {"permissions": {"contents": "write"}, "steps": []}, "b": {"permissions": {"contents": "read"}, "steps": []}}})) == {}

test_one_job_passes if found(github.workflow({"on": "push", "permissions": {"contents": "write"}, "jobs": {"a": {"steps": []}}})) == {}

test_not_for_pull_requests_passes if found(github.workflow({"on": ["push", "pull_request"], "permissions": {}, "jobs": {"a": {"if": "github.event_name == 'push'", "permissions": {"packages": "write"}, "steps": []}}})) == {}

test_comments_on_pull_requests_passes if found(github.workflow({"on": "pull_request", "permissions": {}, "jobs": {"a": {"permissions": {"pull-requests": "write", "security-events": "write"}, "steps": []}}})) == {}

test_reusable_workflow_for_pull_requests if found(github.workflow({"on": "pull_request", "permissions": {}, "jobs": {"a": {"permissions": {"contents": "write"}, "uses": "example/ci/.github/workflows/test.yml@main"}}})) == {"jobs/a/permissions/contents": "medium"}

test_merging_without_code_passes if found(github.workflow({"on": "pull_request", "permissions": {}, "jobs": {"a": {"permissions": {"contents": "write", "pull-requests": "write"}, "steps": [{"run": "gh pr merge --auto \"$PR_URL\""}]}}})) == {}
