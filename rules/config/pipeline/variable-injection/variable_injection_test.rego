# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.variable_injection_test

import data.sealock.config.pipeline.variable_injection
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab
import data.sealock.lib.config_jenkins_test as jenkins

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in variable_injection.finding} with input as document
}

test_looked_up if found(github.on("issue_comment", [{"run": "T=$(gh pr view \"$N\" --json title -q .title)\neval \"echo $T\""}, {"run": "bash -c \"$(jq -r .comment.body \"$GITHUB_EVENT_PATH\")\""}])) == {"jobs/build/steps/0/run": "critical", "jobs/build/steps/1/run": "critical"}

test_looked_up_and_quoted_passes if found(github.on("issue_comment", [{"run": "T=$(gh pr view \"$N\" --json title -q .title)\nprintf '%s' \"$T\" > title.txt"}])) == {}

test_eval if found(gitlab.pipeline({"a": {"script": ["eval \"$CI_COMMIT_MESSAGE\""]}})) == {"a/script/0": ""}

test_shell if found(gitlab.pipeline({"a": {"script": ["sh -c \"echo $CI_COMMIT_TITLE\""]}})) == {"a/script/0": ""}

test_python if found(gitlab.pipeline({"a": {"script": ["python3 -c \"print('${CI_MERGE_REQUEST_TITLE}')\""]}})) == {"a/script/0": ""}

test_ssh if found(gitlab.pipeline({"a": {"script": ["ssh host \"deploy $CI_COMMIT_REF_NAME\""]}})) == {"a/script/0": ""}

test_quoted_passes if found(gitlab.pipeline({"a": {"script": ["echo \"$CI_COMMIT_MESSAGE\"", "git checkout \"$CI_COMMIT_BRANCH\""]}})) == {}

test_single_quotes_passes if found(gitlab.pipeline({"a": {"script": ["sh -c 'echo \"$CI_COMMIT_TITLE\"'"]}})) == {}

test_other_passes if found(gitlab.pipeline({"a": {"script": ["eval \"$(ssh-agent -s)\"", "sh -c \"echo $CI_COMMIT_SHA\""]}})) == {}

workflow(script) := github.on("pull_request_target", [{"env": {"TITLE": "${{ github.event.pull_request.title }}"}, "run": script}])

test_evaluated_on_github if {
	count(variable_injection.finding) == 1 with input as workflow("eval \"echo $TITLE\"")
	count(variable_injection.finding) == 1 with input as workflow("bash -c \"echo ${TITLE}\"")
}

test_argument_on_github_passes if {
	variable_injection.finding == set() with input as workflow("echo \"$TITLE\"")
	variable_injection.finding == set() with input as workflow("bash -c 'echo \"$1\"' -- \"$TITLE\"")
}

test_jenkins if {
	found(jenkins.sh("eval \"echo $CHANGE_TITLE\"", [])) == {"steps/0": "high"}
	found(jenkins.pipeline({"parameters": [{"name": "REF", "type": "string"}], "steps": [object.union(jenkins.step("deploy %REF%", []), {"step": "bat"})]})) == {"steps/0": "medium"}
}

test_argument_on_jenkins_passes if {
	found(jenkins.sh("echo \"$CHANGE_TITLE\"", [])) == {}
	found(jenkins.pipeline({"parameters": [], "steps": [object.union(jenkins.step("deploy %WORKSPACE%", []), {"step": "bat"})]})) == {}
}

test_given_to_a_shell if found(gitlab.pipeline({"a": {"script": ["echo \"$CI_COMMIT_MESSAGE\" | sh", "echo \"$CI_COMMIT_MESSAGE\" | grep -q fix"]}})) == {"a/script/0": ""}
