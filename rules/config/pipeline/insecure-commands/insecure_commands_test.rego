# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.insecure_commands_test

import data.sealock.config.pipeline.insecure_commands
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in insecure_commands.finding} with input as document
}

test_matrix if found(github.workflow({"on": "push", "jobs": {"a": {"strategy": {"matrix": {"env": [{"ACTIONS_ALLOW_UNSECURE_COMMANDS": true}]}}, "steps": []}}})) == {"jobs/a/strategy/matrix/env/0/ACTIONS_ALLOW_UNSECURE_COMMANDS": ""}

test_workflow if found(github.workflow({"on": "push", "env": {"ACTIONS_ALLOW_UNSECURE_COMMANDS": true}, "jobs": {}})) == {"env/ACTIONS_ALLOW_UNSECURE_COMMANDS": ""}

test_step if found(github.steps([{"env": {"ACTIONS_ALLOW_UNSECURE_COMMANDS": "true"}, "run": "x"}])) == {"jobs/build/steps/0/env/ACTIONS_ALLOW_UNSECURE_COMMANDS": ""}

test_script if found(github.steps([{"run": "export ACTIONS_ALLOW_UNSECURE_COMMANDS=true"}])) == {"jobs/build/steps/0/run": ""}

test_off_passes if found(github.steps([{"env": {"ACTIONS_ALLOW_UNSECURE_COMMANDS": false}, "run": "x"}])) == {}

test_other_passes if found(github.steps([{"env": {"A": true}, "run": "x"}])) == {}

test_comment_passes if found(github.steps([{"run": "# ACTIONS_ALLOW_UNSECURE_COMMANDS=true"}])) == {}
