# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.condition_sound_test

import data.sealock.config.pipeline.condition_sound
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in condition_sound.finding} with input as document
}

test_line_break if found(github.steps([{"if": "${{ github.event_name == 'push' }}\n", "run": "x"}])) == {"jobs/build/steps/0/if": "high"}

test_outside if found(github.steps([{"if": "${{ github.ref }} == 'refs/heads/main'", "run": "x"}])) == {"jobs/build/steps/0/if": "high"}

test_two if found(github.workflow({"on": "push", "jobs": {"a": {"if": "${{ a }} && ${{ b }}", "steps": []}}})) == {"jobs/a/if": "high"}

test_parts_of_words if found(github.steps([{"if": "contains('refs/heads/main refs/heads/dev', github.ref)", "run": "x"}])) == {"jobs/build/steps/0/if": ""}

test_expression_passes if found(github.steps([{"if": "${{ github.event_name == 'push' }}", "run": "x"}])) == {}

test_plain_passes if found(github.steps([{"if": "github.event_name == 'push' &&\ngithub.ref == 'x'\n", "run": "x"}])) == {}

test_list_passes if found(github.steps([{"if": "contains(fromJSON('[\"a\",\"b\"]'), github.ref)", "run": "x"}])) == {}

test_search_passes if found(github.steps([{"if": "contains(github.event.head_commit.message, 'x')", "run": "x"}])) == {}
