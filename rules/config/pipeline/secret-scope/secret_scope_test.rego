# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.secret_scope_test

import data.sealock.config.pipeline.secret_scope
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in secret_scope.finding} with input as document
}

two := [{"run": "make"}, {"run": "make push"}]

test_workflow if found(github.workflow({"on": "push", "env": {"TOKEN": "${{ secrets.PUSH }}"}, "jobs": {"a": {"steps": [{"run": "make"}]}, "b": {"steps": [{"run": "make"}]}}})) == {"env/TOKEN": "medium"}

test_job if found(github.workflow({"on": "push", "jobs": {"a": {"env": {"TOKEN": "${{ secrets.PUSH }}"}, "steps": two}}})) == {"jobs/a/env/TOKEN": "low"}

test_part_of_a_text if found(github.workflow({"on": "push", "jobs": {"a": {"env": {"URL": "https://x:${{ secrets['PUSH'] }}@example.com"}, "steps": two}}})) == {"jobs/a/env/URL": "low"}

test_step_passes if found(github.steps([{"run": "make"}, {"run": "make push", "env": {"TOKEN": "${{ secrets.PUSH }}"}}])) == {}

test_single_step_passes if found(github.workflow({"on": "push", "jobs": {"a": {"env": {"TOKEN": "${{ secrets.PUSH }}"}, "steps": [{"run": "make"}]}}})) == {}

test_single_job_passes if found(github.workflow({"on": "push", "env": {"TOKEN": "${{ secrets.PUSH }}"}, "jobs": {"a": {"steps": two}}})) == {}

test_own_token_passes if found(github.workflow({"on": "push", "jobs": {"a": {"env": {"TOKEN": "${{ secrets.GITHUB_TOKEN }}"}, "steps": two}}})) == {}

test_variable_passes if found(github.workflow({"on": "push", "jobs": {"a": {"env": {"NAME": "${{ vars.NAME }}"}, "steps": two}}})) == {}
