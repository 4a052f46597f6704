# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.artifact_scope_test

import data.sealock.config.pipeline.artifact_scope
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in artifact_scope.finding} with input as document
}

test_tree if found(gitlab.pipeline({"a": {"script": ["x"], "artifacts": {"paths": ["."]}}})) == {"a/artifacts/paths/0": ""}

test_untracked if found(gitlab.pipeline({"a": {"script": ["x"], "artifacts": {"untracked": true}}})) == {"a/artifacts/untracked": ""}

test_project_folder if found(gitlab.pipeline({"default": {"artifacts": {"paths": ["out", "$CI_PROJECT_DIR/"]}}, "a": {"script": ["x"]}})) == {"default/artifacts/paths/1": ""}

test_github_secrets if found(github.steps([{"uses": "actions/upload-artifact@v4", "with": {"name": "x", "path": "out\nservice/.env"}}])) == {"jobs/build/steps/0/with/path": ""}

test_github_files_pass if found(github.steps([{"uses": "actions/upload-artifact@v4", "with": {"name": "x", "path": "out\n!**/.env\n.env.example"}}])) == {}

test_named_passes if found(gitlab.pipeline({"a": {"script": ["x"], "artifacts": {"paths": ["out/app", "dist/"]}}})) == {}

test_with_excludes_passes if found(gitlab.pipeline({"a": {"script": ["x"], "artifacts": {"untracked": true, "exclude": [".git/**/*"]}}})) == {}

test_none_passes if found(gitlab.pipeline({"a": {"script": ["x"]}})) == {}
