# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.debug_enabled_test

import data.sealock.config.pipeline.debug_enabled
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in debug_enabled.finding} with input as document
}

test_github if found(github.workflow({"on": "push", "env": {"ACTIONS_STEP_DEBUG": true}, "jobs": {}})) == {"env/ACTIONS_STEP_DEBUG": "low"}

test_gitlab if found(gitlab.pipeline({"variables": {"CI_DEBUG_TRACE": "true"}, "a": {"script": ["x"]}})) == {"variables/CI_DEBUG_TRACE": "medium"}

test_gitlab_job if found(gitlab.pipeline({"a": {"variables": {"CI_DEBUG_SERVICES": {"value": "true"}}, "script": ["x"]}})) == {"a/variables/CI_DEBUG_SERVICES/value": "medium"}

test_off_passes if found(gitlab.pipeline({"variables": {"CI_DEBUG_TRACE": "false"}, "a": {"script": ["x"]}})) == {}

test_other_passes if found(github.workflow({"on": "push", "env": {"DEBUG": true}, "jobs": {}})) == {}
