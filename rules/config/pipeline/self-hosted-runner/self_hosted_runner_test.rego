# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.self_hosted_runner_test

import data.sealock.config.pipeline.self_hosted_runner
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := found_with(document, defaults)

defaults := {"ephemeral": []}

found_with(document, params) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in self_hosted_runner.finding} with input as document with data.params as {"pipeline.self-hosted-runner": params}
}

test_push if found(github.workflow({"on": "push", "jobs": {"a": {"runs-on": "self-hosted", "steps": []}}})) == {"jobs/a/runs-on": "medium"}

test_g06_pull_request if found(github.workflow({"on": "pull_request", "jobs": {"a": {"runs-on": ["self-hosted", "linux"], "steps": []}}})) == {"jobs/a/runs-on": "high"}

test_labels if found(github.workflow({"on": "push", "jobs": {"a": {"runs-on": {"group": "x", "labels": ["self-hosted"]}, "steps": []}}})) == {"jobs/a/runs-on": "medium"}

test_matrix if found(github.workflow({"on": "push", "jobs": {"a": {"runs-on": "${{ matrix.os }}", "strategy": {"matrix": {"os": ["ubuntu-24.04", ["self-hosted", "arm64"]]}}, "steps": []}}})) == {"jobs/a/runs-on": "medium"}

test_hosted_passes if found(github.workflow({"on": "pull_request", "jobs": {"a": {"runs-on": "ubuntu-24.04", "steps": []}}})) == {}

test_hosted_matrix_passes if found(github.workflow({"on": "push", "jobs": {"a": {"runs-on": "${{ matrix.os }}", "strategy": {"matrix": {"os": ["ubuntu-24.04"]}}, "steps": []}}})) == {}

test_ephemeral_passes if found_with(github.workflow({"on": "push", "jobs": {"a": {"runs-on": ["self-hosted", "one-shot"], "steps": []}}}), {"ephemeral": ["one-shot"]}) == {}
