# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.release_cache_test

import data.sealock.config.pipeline.release_cache
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in release_cache.finding} with input as document
}

test_g05_publishes if found(github.steps([{"uses": "actions/cache@v4"}, {"run": "npm publish"}])) == {"jobs/build/steps/0/uses": ""}

test_setup_go if found(github.workflow({"on": {"push": {"tags": ["v*"]}}, "jobs": {"build": {"steps": [{"uses": "actions/setup-go@v5"}, {"run": "make"}]}}})) == {"jobs/build/steps/0/uses": ""}

test_setup_node if found(github.workflow({"on": "release", "jobs": {"build": {"steps": [{"uses": "actions/setup-node@v4", "with": {"cache": "npm"}}, {"run": "make"}]}}})) == {"jobs/build/steps/0/with/cache": ""}

test_image if found(github.steps([{"uses": "docker/build-push-action@v6", "with": {"push": true, "cache-from": "type=gha"}}])) == {"jobs/build/steps/0/with/cache-from": ""}

test_ruby if found(github.steps([{"uses": "ruby/setup-ruby@v1", "with": {"bundler-cache": true}}, {"run": "gem push x.gem"}])) == {"jobs/build/steps/0/with/bundler-cache": ""}

test_gitlab if found(gitlab.pipeline({"a": {"cache": {"key": "deps", "paths": ["node_modules"]}, "script": ["npm publish"]}})) == {"a/cache": ""}

test_gitlab_list if found(gitlab.pipeline({"a": {"cache": [{"paths": ["x"]}], "script": ["cargo publish"]}})) == {"a/cache/0": ""}

test_off_passes if found(github.steps([{"uses": "actions/setup-go@v5", "with": {"cache": false}}, {"uses": "goreleaser/goreleaser-action@v6"}])) == {}

test_tests_passes if found(github.steps([{"uses": "actions/setup-go@v5"}, {"run": "go test ./..."}])) == {}

test_node_without_cache_passes if found(github.steps([{"uses": "actions/setup-node@v4"}, {"run": "npm publish"}])) == {}

test_dry_run_passes if found(github.steps([{"uses": "actions/cache@v4"}, {"run": "npm publish --dry-run"}])) == {}

test_branches_and_tags_passes if found(github.workflow({"on": {"push": {"branches": ["main"], "tags": ["v*"]}}, "jobs": {"test": {"steps": [{"uses": "actions/setup-go@v5"}, {"run": "go test"}]}}})) == {}

test_gitlab_own_key_passes if found(gitlab.pipeline({"a": {"cache": {"key": "$CI_COMMIT_REF_SLUG", "paths": ["x"]}, "script": ["npm publish"]}})) == {}

test_gitlab_tests_passes if found(gitlab.pipeline({"a": {"cache": {"key": "deps", "paths": ["x"]}, "script": ["npm test"]}})) == {}
