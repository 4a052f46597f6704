# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.environment_file_test

import data.sealock.config.pipeline.environment_file
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in environment_file.finding} with input as document
}

test_powershell if found(github.on("issue_comment", [{"env": {"B": "${{ github.event.comment.body }}"}, "run": "Add-Content -Path $env:GITHUB_ENV -Value \"B=$env:B\"", "shell": "pwsh"}])) == {"jobs/build/steps/0/run": "high"}

test_javascript if found(github.on("issue_comment", [{"uses": "actions/github-script@v8", "with": {"script": "core.exportVariable('B', context.payload.comment.body)"}}])) == {"jobs/build/steps/0/with/script": "high"}

test_javascript_output_passes if found(github.on("issue_comment", [{"uses": "actions/github-script@v8", "with": {"script": "core.setOutput('B', context.payload.comment.body)"}}])) == {}

test_file_of_a_stranger if found(github.on("workflow_run", [{"uses": "actions/download-artifact@v4", "with": {"run-id": "1"}}, {"run": "cat pr.txt >> $GITHUB_ENV"}])) == {"jobs/build/steps/1/run": "high"}

test_computed if found(github.on("issue_comment", [{"run": "gh pr view 7 --json headRefName > number"}, {"run": "echo \"PR=$(cat number)\" >> \"$GITHUB_ENV\""}])) == {"jobs/build/steps/1/run": "high"}

test_held_by_a_variable if found(github.on("pull_request", [{"env": {"TITLE": "${{ github.event.pull_request.title }}"}, "run": "echo \"TITLE=$TITLE\" >> $GITHUB_ENV"}])) == {"jobs/build/steps/0/run": "medium"}

test_search_path if found(github.on("pull_request_target", [{"uses": "actions/checkout@v4", "with": {"ref": "${{ github.event.pull_request.head.sha }}"}}, {"run": "echo \"$(./tools/path)\" >> $GITHUB_PATH"}])) == {"jobs/build/steps/1/run": "high"}

test_tee if found(github.on("workflow_run", [{"run": "unzip -p a.zip env | tee -a $GITHUB_ENV"}])) == {"jobs/build/steps/0/run": "high"}

test_fixed_passes if found(github.on("pull_request_target", [{"run": "echo \"MODE=test\" >> $GITHUB_ENV"}])) == {}

test_own_folder_passes if found(github.on("workflow_run", [{"run": "echo \"$HOME/.local/bin\" >> $GITHUB_PATH"}, {"run": "echo \"DAY=$(date +%F)\" >> $GITHUB_ENV"}])) == {}

test_push_passes if found(github.steps([{"run": "echo \"V=$(cat VERSION)\" >> $GITHUB_ENV"}])) == {}

test_output_passes if found(github.on("workflow_run", [{"run": "echo \"pr=$(cat pr)\" >> $GITHUB_OUTPUT"}])) == {}

test_nothing_of_strangers_passes if found(github.on("pull_request_target", [{"uses": "actions/checkout@v4"}, {"run": "echo \"V=$(cat VERSION)\" >> $GITHUB_ENV"}])) == {}
