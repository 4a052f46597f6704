# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.agent_input_test

import data.sealock.config.pipeline.agent_input
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in agent_input.finding} with input as document
}

with_(action, inputs) := [{"uses": action, "with": inputs}]

test_text_of_strangers if found(github.on("issues", with_("anthropics/claude-code-action@v1", {"prompt": "Sort this: ${{ github.event.issue.body }}"}))) == {"jobs/build/steps/0/with/prompt": "high"}

test_answer_only if found(github.on("issues", with_("actions/ai-inference@v1", {"prompt": "Sort this: ${{ github.event.issue.title }}"}))) == {"jobs/build/steps/0/with/prompt": "medium"}

test_everybody if found(github.on("issues", with_("anthropics/claude-code-action@v1", {"allowed_non_write_users": "*", "allowed_bots": "*"}))) == {
	"jobs/build/steps/0/with/allowed_non_write_users": "high", "jobs/build/steps/0/with/allowed_bots": "medium",
}

test_sandbox if found(github.steps(with_("openai/codex-action@v1", {"sandbox": "danger-full-access"}))) == {"jobs/build/steps/0/with/sandbox": "medium"}

test_sandbox_for_strangers if found(github.on("pull_request", with_("openai/codex-action@v1", {"safety-strategy": "unsafe"}))) == {"jobs/build/steps/0/with/safety-strategy": "high"}

test_any_command if found(github.steps(with_("anthropics/claude-code-action@v1", {"claude_args": "--max-turns 3 --allowedTools \"Read,Bash\""}))) == {"jobs/build/steps/0/with/claude_args": "medium"}

test_settings if found(github.on("pull_request", with_("google-github-actions/run-gemini-cli@v0", {"settings": "{\"tools\": {\"core\": [\"run_shell_command(echo)\"]}}"}))) == {"jobs/build/steps/0/with/settings": "high"}

test_nobody_asked if found(github.on("issue_comment", with_("google-github-actions/run-gemini-cli@v0", {"prompt": "Review"}))) == {"jobs/build/steps/0/uses": "medium"}

test_program if found(github.steps([{"run": "claude -p 'fix the lint' --dangerously-skip-permissions"}])) == {"jobs/build/steps/0/run": "medium"}

test_program_with_text if found(github.on("issues", [{"env": {"BODY": "${{ github.event.issue.body }}"}, "run": "gemini -p \"Sort: $BODY\""}])) == {"jobs/build/steps/0/run": "high"}

test_fixed_prompt_passes if found(github.on("pull_request", with_("anthropics/claude-code-action@v1", {"prompt": "Review pull request ${{ github.event.pull_request.number }}", "claude_args": "--allowedTools \"Read,Bash(gh pr view:*)\""}))) == {}

test_asked_passes if found(github.workflow({"on": "issue_comment", "jobs": {"a": {"if": "contains(fromJSON('[\"OWNER\",\"MEMBER\"]'), github.event.comment.author_association)", "steps": with_("google-github-actions/run-gemini-cli@v0", {"prompt": "Review"})}}})) == {}

test_names_pass if found(github.on("issues", with_("openai/codex-action@v1", {"allow-users": "alice,bob", "sandbox": "read-only"}))) == {}

test_other_action_passes if found(github.on("issues", with_("octo-org/label@v1", {"prompt": "${{ github.event.issue.body }}", "sandbox": "danger-full-access"}))) == {}

test_other_program_passes if found(github.on("issues", [{"env": {"BODY": "${{ github.event.issue.body }}"}, "run": "printf '%s' \"$BODY\" > body.txt"}])) == {}
