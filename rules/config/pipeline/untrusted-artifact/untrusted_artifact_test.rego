# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.untrusted_artifact_test

import data.sealock.config.pipeline.untrusted_artifact
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in untrusted_artifact.finding} with input as document
}

test_g04_read_as_data if found(github.on("workflow_run", [{"uses": "actions/download-artifact@v5", "with": {"run-id": "${{ github.event.workflow_run.id }}"}}, {"run": "LABEL=ok\ngh pr edit \"$(cat number)\" --add-label \"$LABEL\""}])) == {"jobs/build/steps/0/uses": "medium"}

test_g04_run if found(github.on("workflow_run", [{"uses": "actions/download-artifact@v5", "with": {"run-id": "${{ github.event.workflow_run.id }}"}}, {"run": "make publish"}])) == {"jobs/build/steps/0/uses": "high"}

test_by_run_id if found(github.on("workflow_run", [{"uses": "actions/download-artifact@v4", "with": {"run-id": "${{ github.event.workflow_run.id }}", "github-token": "${{ github.token }}"}}, {"run": "./deploy.sh"}])) == {"jobs/build/steps/0/uses": "high"}

test_other_action if found(github.on("workflow_run", [{"uses": "dawidd6/action-download-artifact@v6", "with": {"run_id": "${{ github.event.workflow_run.id }}"}}])) == {"jobs/build/steps/0/uses": "medium"}

test_script if found(github.on("workflow_run", [{"uses": "actions/github-script@v7", "with": {"script": "await github.rest.actions.downloadArtifact({})"}}])) == {"jobs/build/steps/0/with/script": "medium"}

test_command if found(github.on("workflow_run", [{"run": "gh run download ${{ github.event.workflow_run.id }}"}])) == {"jobs/build/steps/0/run": "medium"}

test_outside_the_workspace if found(github.on("workflow_run", [{"uses": "actions/download-artifact@v4", "with": {"run-id": "${{ github.event.workflow_run.id }}", "path": "${{ runner.temp }}/pr"}}])) == {"jobs/build/steps/0/uses": "medium"}

test_newest_of_anybody if found(github.steps([{"uses": "dawidd6/action-download-artifact@v6", "with": {"workflow": "ci.yml"}}])) == {"jobs/build/steps/0/uses": "medium"}

test_own_run_passes if found(github.on("workflow_run", [{"uses": "actions/download-artifact@v4", "with": {"name": "x"}}])) == {}

test_run_for_push_passes if found(github.workflow({"on": {"workflow_run": {"workflows": ["ci"]}}, "jobs": {"build": {"if": "github.event.workflow_run.event == 'push'", "steps": [{"uses": "dawidd6/action-download-artifact@v6"}]}}})) == {}

test_no_forks_passes if found(github.steps([{"uses": "dawidd6/action-download-artifact@v6", "with": {"workflow": "ci.yml", "allow_forks": false}}])) == {}

test_push_passes if found(github.steps([{"uses": "actions/download-artifact@v4", "with": {"name": "x"}}])) == {}
