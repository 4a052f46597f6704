# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.permissions_declared_test

import data.sealock.config.pipeline.permissions_declared
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in permissions_declared.finding} with input as document
}

test_none if found(github.workflow({"on": "push", "jobs": {"a": {"steps": []}, "b": {"steps": []}}})) == {"permissions": "medium"}

test_one_job if found(github.workflow({"on": "push", "jobs": {"a": {"permissions": {}, "steps": []}, "b": {"steps": []}}})) == {"jobs/b": "medium"}

test_called if found(github.workflow({"on": {"workflow_call": null}, "jobs": {"a": {"steps": []}}})) == {"permissions": "low"}

test_workflow_passes if found(github.workflow({"on": "push", "permissions": {}, "jobs": {"a": {"steps": []}}})) == {}

test_all_jobs_passes if found(github.workflow({"on": "push", "jobs": {"a": {"permissions": {"contents": "read"}, "steps": []}}})) == {}

test_action_passes if found(github.action([{"run": "make"}])) == {}
