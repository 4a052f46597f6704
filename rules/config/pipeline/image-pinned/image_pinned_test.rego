# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.image_pinned_test

import data.sealock.config.pipeline.image_pinned
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in image_pinned.finding} with input as document
}

test_container if found(github.workflow({"on": "push", "jobs": {"a": {"container": "golang", "steps": []}}})) == {"jobs/a/container": "medium"}

test_container_with_options if found(github.workflow({"on": "push", "jobs": {"a": {"container": {"image": "golang:1.26"}, "steps": []}}})) == {"jobs/a/container/image": "low"}

test_service if found(github.workflow({"on": "push", "jobs": {"a": {"services": {"db": {"image": "postgres:latest"}}, "steps": []}}})) == {"jobs/a/services/db/image": "medium"}

test_matrix if found(github.workflow({"on": "push", "jobs": {"a": {"container": "${{ matrix.image }}", "strategy": {"matrix": {"image": ["golang:1.26", "golang"]}}, "steps": []}}})) == {"jobs/a/strategy/matrix/image/0": "low", "jobs/a/strategy/matrix/image/1": "medium"}

test_step if found(github.steps([{"uses": "docker://alpine:3.20"}])) == {"jobs/build/steps/0/uses": "low"}

test_gitlab if found(gitlab.pipeline({"image": "golang:1.26", "build": {"image": {"name": "alpine"}, "services": ["docker:dind"], "script": ["make"]}})) == {"image": "low", "build/image/name": "medium", "build/services/0": "low"}

test_digest_passes if found(github.workflow({"on": "push", "jobs": {"a": {"container": "golang:1.26@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "steps": []}}})) == {}

test_unknown_passes if found(github.workflow({"on": "push", "jobs": {"a": {"container": "${{ matrix.image }}", "steps": []}}})) == {}

test_gitlab_digest_passes if found(gitlab.pipeline({"image": "golang@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb", "build": {"script": ["make"]}})) == {}

test_gitlab_variable_passes if found(gitlab.pipeline({"image": "$CI_REGISTRY_IMAGE/build:$TAG", "build": {"script": ["make"]}})) == {}

test_none_passes if found(github.steps([{"run": "make"}])) == {}
