# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.merge_request_deploy_test

import data.sealock.config.pipeline.merge_request_deploy
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in merge_request_deploy.finding} with input as document
}

test_g09_rule if found(gitlab.pipeline({"d": {"script": ["kubectl apply -f ."], "rules": [{"if": "$CI_PIPELINE_SOURCE == \"merge_request_event\""}]}})) == {"d/rules": "high"}

test_only if found(gitlab.pipeline({"d": {"script": ["helm upgrade x"], "only": ["merge_requests"]}})) == {"d/only": "high"}

test_production if found(gitlab.pipeline({"d": {"script": ["./d"], "environment": "production", "rules": [{"if": "$CI_MERGE_REQUEST_ID"}]}})) == {"d/rules": "high"}

test_publish if found(gitlab.pipeline({"d": {"script": ["npm publish"], "rules": [{"if": "$CI_MERGE_REQUEST_IID"}]}})) == {"d/rules": "medium"}

test_branch_passes if found(gitlab.pipeline({"d": {"script": ["kubectl apply -f ."], "rules": [{"if": "$CI_PIPELINE_SOURCE == \"merge_request_event\"", "when": "never"}, {"if": "$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH"}]}})) == {}

test_tests_passes if found(gitlab.pipeline({"d": {"script": ["make test"], "rules": [{"if": "$CI_PIPELINE_SOURCE == \"merge_request_event\""}]}})) == {}

test_review_passes if found(gitlab.pipeline({"d": {"script": ["helm upgrade x"], "environment": {"name": "review/$CI_COMMIT_REF_SLUG"}, "rules": [{"if": "$CI_MERGE_REQUEST_ID"}]}})) == {}
