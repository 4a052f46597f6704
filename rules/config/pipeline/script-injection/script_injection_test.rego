# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.script_injection_test

import data.sealock.config.pipeline.script_injection
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in script_injection.finding} with input as document
}

test_title if found(github.on("pull_request", [{"run": "echo \"${{ github.event.pull_request.title }}\""}])) == {"jobs/build/steps/0/run": "high"}

test_comment if found(github.on("issue_comment", [{"run": "echo '${{ github.event.comment.body }}'"}])) == {"jobs/build/steps/0/run": "critical"}

test_branch if found(github.on("pull_request", [{"run": "git push origin HEAD:${{ github.head_ref }}"}])) == {"jobs/build/steps/0/run": "high"}

test_github_script if found(github.on("issues", [{"uses": "actions/github-script@v7", "with": {"script": "console.log(`${{ github.event.issue.body }}`)"}}])) == {"jobs/build/steps/0/with/script": "critical"}

test_message if found(github.steps([{"run": "if [[ \"${{ github.event.head_commit.message }}\" == *x* ]]; then make; fi"}])) == {"jobs/build/steps/0/run": "high"}

test_through_a_variable if found(github.workflow({"on": "pull_request", "env": {"TITLE": "${{ github.event.pull_request.title }}"}, "jobs": {"build": {"steps": [{"run": "echo ${{ env.TITLE }}"}]}}})) == {"jobs/build/steps/0/run": "high"}

test_input if found(github.workflow({"on": {"workflow_dispatch": {"inputs": {"name": {"type": "string"}}}}, "jobs": {"build": {"steps": [{"run": "echo ${{ inputs.name }}"}]}}})) == {"jobs/build/steps/0/run": "low"}

test_input_of_action if found(github.action([{"run": "echo ${{ inputs.name }}", "shell": "bash"}])) == {"runs/steps/0/run": "medium"}

test_branch_name if found(github.steps([{"run": "echo ${{ github.ref_name }}"}])) == {"jobs/build/steps/0/run": "low"}

test_names_of_files if found(github.on("pull_request", [{"id": "changed", "uses": "tj-actions/changed-files@v44"}, {"run": "lint ${{ steps.changed.outputs.all_changed_files }}"}])) == {"jobs/build/steps/1/run": "medium"}

test_whole_event if found(github.on("pull_request", [{"run": "echo '${{ toJSON(github.event.pull_request) }}'"}])) == {"jobs/build/steps/0/run": "high"}

test_index if found(github.steps([{"run": "echo ${{ github.event['commits'][0].message }}"}])) == {"jobs/build/steps/0/run": "high"}

test_answer_of_an_agent if found(github.on("issues", [{"id": "ai", "uses": "actions/ai-inference@v1", "with": {"prompt": "x"}}, {"run": "echo '${{ steps.ai.outputs.response }}'"}])) == {"jobs/build/steps/1/run": "high"}

test_child_process if found(github.on("pull_request_target", [{"uses": "actions/github-script@v8", "with": {"script": "require('child_process').execSync(`git tag ${context.payload.pull_request.title}`)"}}])) == {"jobs/build/steps/0/with/script": "critical"}

test_argument_of_a_child_passes if found(github.on("pull_request_target", [{"uses": "actions/github-script@v8", "with": {"script": "await exec.exec('git', ['tag', context.payload.pull_request.title])"}}])) == {}

test_child_process_by_variable if found(github.on("issue_comment", [{"uses": "actions/github-script@v8", "with": {"script": "const b = context.payload.comment.body\nrequire('child_process').execSync('echo ' + b)"}}])) == {"jobs/build/steps/0/with/script": "critical"}

test_shell if found(github.on("pull_request_target", [{"run": "make", "shell": "bash -c '${{ github.head_ref }} {0}'"}])) == {"jobs/build/steps/0/shell": "critical"}

test_file_of_an_artifact if found(github.on("workflow_run", [{"uses": "actions/download-artifact@v5", "with": {"run-id": "${{ github.event.workflow_run.id }}"}}, {"id": "pr", "run": "echo \"sha=$(cat pr/sha)\" >> \"$GITHUB_OUTPUT\""}, {"run": "echo ${{ steps.pr.outputs.sha }}"}])) == {"jobs/build/steps/2/run": "critical"}

test_file_of_the_tree_passes if found(github.on("workflow_run", [{"id": "v", "run": "echo \"v=$(cat VERSION.txt)\" >> \"$GITHUB_OUTPUT\""}, {"run": "echo ${{ steps.v.outputs.v }}"}])) == {}

test_ssh if found(github.on("pull_request", [{"uses": "appleboy/ssh-action@v1", "with": {"script": "deploy ${{ github.head_ref }}"}}])) == {"jobs/build/steps/0/with/script": "high"}

test_variable_passes if found(github.on("pull_request_target", [{"env": {"TITLE": "${{ github.event.pull_request.title }}"}, "run": "echo \"$TITLE\""}])) == {}

test_number_passes if found(github.on("pull_request", [{"run": "gh pr view ${{ github.event.pull_request.number }}"}])) == {}

test_name_of_repository_passes if found(github.on("pull_request", [{"run": "echo ${{ github.event.pull_request.head.repo.full_name }} ${{ github.event.pull_request.head.repo.fork }}"}])) == {}

test_comparison_passes if found(github.on("pull_request", [{"run": "echo ${{ github.event.pull_request.title == 'x' }} ${{ contains(github.event.pull_request.body, 'y') }} ${{ startsWith(github.head_ref, 'z') && 'a' || 'b' }}"}])) == {}

test_safe_types_passes if found(github.workflow({"on": {"workflow_dispatch": {"inputs": {"dry": {"type": "boolean"}, "level": {"type": "choice"}}}}, "jobs": {"build": {"steps": [{"run": "echo ${{ inputs.dry }} ${{ inputs.level }} ${{ github.event.inputs.level }}"}]}}})) == {}

test_own_values_passes if found(github.steps([{"run": "echo ${{ github.sha }} ${{ matrix.go }} ${{ runner.os }} ${{ secrets.X }} ${{ steps.a.outputs.b }}"}])) == {}

test_condition_passes if found(github.on("pull_request", [{"if": "contains(github.event.pull_request.title, 'x')", "run": "make"}])) == {}

test_input_of_action_only_passes if found(github.on("pull_request", [{"uses": "octo-org/x@v1", "with": {"title": "${{ github.event.pull_request.title }}"}}])) == {}

title := "${{ github.event.pull_request.title }}"

test_output_of_a_step if found(github.on("pull_request", [
	{"id": "t", "env": {"TITLE": title}, "run": "echo \"text=$TITLE\" >> \"$GITHUB_OUTPUT\""},
	{"run": "echo ${{ steps.t.outputs.text }}"},
])) == {"jobs/build/steps/1/run": "high"}

test_output_by_way_of_a_variable if found(github.on("pull_request_target", [
	{"id": "t", "env": {"TITLE": title}, "run": "SHORT=\"${TITLE}\"\necho \"text<<EOF\" >> $GITHUB_OUTPUT\necho \"$SHORT\" >> $GITHUB_OUTPUT\necho EOF >> $GITHUB_OUTPUT"},
	{"run": "echo ${{ steps.t.outputs.text }}"},
])) == {"jobs/build/steps/1/run": "critical"}

test_variable_that_a_step_set if found(github.on("pull_request", [
	{"env": {"TITLE": title}, "run": "echo TITLE=$TITLE >> $GITHUB_ENV"},
	{"run": "echo ${{ env.TITLE }}"},
])) == {"jobs/build/steps/1/run": "high"}

test_output_of_a_job if found(github.workflow({"on": "pull_request", "permissions": {}, "jobs": {
	"a": {"outputs": {"branch": "${{ github.head_ref }}"}, "steps": []},
	"b": {"needs": "a", "steps": [{"run": "git checkout ${{ needs.a.outputs.branch }}"}]},
}})) == {"jobs/b/steps/0/run": "high"}

test_output_of_a_script if found(github.on("issues", [
	{"id": "t", "uses": "actions/github-script@v7", "with": {"script": "return context.payload.issue.title"}},
	{"run": "echo ${{ steps.t.outputs.result }}"},
])) == {"jobs/build/steps/1/run": "critical"}

test_every_body if found(github.on("pull_request", [{"run": "echo '${{ toJSON(github.event.*.body) }}'"}])) == {"jobs/build/steps/0/run": "high"}

test_input_of_the_event if found(github.on("workflow_dispatch", [{"run": "echo ${{ github.event.inputs.version }}"}])) == {"jobs/build/steps/0/run": "low"}

test_cleaned_output_passes if found(github.on("pull_request", [
	{"id": "t", "env": {"TITLE": title}, "run": "CLEAN=$(echo \"$TITLE\" | tr -cd a-z)\necho \"text=$CLEAN\" >> $GITHUB_OUTPUT\necho \"count=${#TITLE}\" >> $GITHUB_OUTPUT"},
	{"run": "echo ${{ steps.t.outputs.text }} ${{ steps.t.outputs.count }}"},
])) == {}

test_input_that_an_action_runs if found(github.on("pull_request", [{"uses": "octo-org/retry@v1", "with": {"command": "echo ${{ github.head_ref }}", "name": "${{ github.head_ref }}"}}])) == {"jobs/build/steps/0/with/command": "high"}

test_shell_of_an_image if found(github.on("pull_request", [{"uses": "docker://alpine:3.22", "with": {"args": "sh -c \"echo ${{ github.head_ref }}\""}}])) == {"jobs/build/steps/0/with/args": "high"}

test_arguments_of_an_image_pass if found(github.on("pull_request", [{"uses": "docker://alpine:3.22", "with": {"args": "${{ github.head_ref }}"}}])) == {}

test_inputs_are_one_finding if {
	fs := script_injection.finding with input as github.on("workflow_dispatch", [{"run": "echo ${{ inputs.a }} ${{ inputs.b }} ${{ inputs.c }} ${{ inputs.d }}"}])
	[f.found | some f in fs] == ["${{ inputs.a, inputs.b, inputs.c and 1 more }}"]
}

own := "github.event.pull_request.merged == true && github.event.pull_request.head.repo.full_name == github.repository"

test_branches_of_the_repository_itself if {
	found(github.workflow({"on": "pull_request", "jobs": {"build": {"if": own, "steps": [{"run": "B=${{ github.head_ref }}"}]}}})) == {"jobs/build/steps/0/run": "low"}
	found(github.on("pull_request", [{"if": own, "run": "B=${{ github.head_ref }}"}])) == {"jobs/build/steps/0/run": "low"}
}

test_comments_on_them_are_anybodys if found(github.workflow({"on": "issue_comment", "jobs": {"build": {"if": own, "steps": [{"run": "B=${{ github.event.comment.body }}"}]}}})) == {"jobs/build/steps/0/run": "critical"}

test_matrix_of_an_expression if {
	every matrix in [{"v": "${{ fromJSON(github.event.pull_request.body) }}"}, "${{ fromJSON(github.event.pull_request.body) }}"] {
		found(github.workflow({"on": "pull_request", "jobs": {"build": {"strategy": {"matrix": matrix}, "steps": [{"run": "make ${{ matrix.v }}"}]}}})) == {"jobs/build/steps/0/run": "high"}
	}
}

test_matrix_of_a_list_passes if found(github.workflow({"on": "pull_request", "jobs": {"build": {"strategy": {"matrix": {"v": ["a"], "w": "${{ github.head_ref }}"}}, "steps": [{"run": "make ${{ matrix.v }}"}]}}})) == {}
