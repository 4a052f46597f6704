# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.static_cloud_keys_test

import data.sealock.config.pipeline.static_cloud_keys
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in static_cloud_keys.finding} with input as document
}

test_aws if found(github.steps([{"uses": "aws-actions/configure-aws-credentials@v4", "with": {"aws-access-key-id": "${{ secrets.ID }}", "aws-secret-access-key": "${{ secrets.KEY }}"}}])) == {"jobs/build/steps/0/with/aws-secret-access-key": ""}

test_google if found(github.steps([{"uses": "google-github-actions/auth@v2", "with": {"credentials_json": "${{ secrets.GCP }}"}}])) == {"jobs/build/steps/0/with/credentials_json": ""}

test_azure if found(github.steps([{"uses": "azure/login@v2", "with": {"creds": "${{ secrets.AZ }}"}}])) == {"jobs/build/steps/0/with/creds": ""}

test_variable if found(github.workflow({"on": "push", "env": {"AWS_ACCESS_KEY_ID": "${{ secrets.ID }}", "AWS_SECRET_ACCESS_KEY": "${{ secrets.KEY }}"}, "jobs": {}})) == {"env/AWS_SECRET_ACCESS_KEY": ""}

test_npm if found(github.steps([{"run": "npm publish", "env": {"NODE_AUTH_TOKEN": "${{ secrets.NPM }}"}}])) == {"jobs/build/steps/0/env/NODE_AUTH_TOKEN": "low"}

test_cargo if found(github.steps([{"run": "cargo publish --token ${{ secrets.CRATES }}"}])) == {"jobs/build/steps/0/run": "low"}

test_pypi if found(github.steps([{"uses": "pypa/gh-action-pypi-publish@v1", "with": {"password": "${{ secrets.PYPI }}"}}])) == {"jobs/build/steps/0/with/password": "low"}

test_gitlab if found(gitlab.pipeline({"a": {"script": ["gcloud auth activate-service-account --key-file $KEY"]}})) == {"a/script/0": ""}

test_gitlab_azure if found(gitlab.pipeline({"a": {"script": ["az login --service-principal -u $ID -p $SECRET --tenant $T"]}})) == {"a/script/0": ""}

test_role_passes if found(github.steps([{"uses": "aws-actions/configure-aws-credentials@v4", "with": {"role-to-assume": "arn:aws:iam::123456789012:role/ci", "aws-region": "eu-west-1"}}])) == {}

test_workload_identity_passes if found(github.steps([{"uses": "google-github-actions/auth@v2", "with": {"workload_identity_provider": "p", "service_account": "s"}}])) == {}

test_short_lived_passes if found(github.steps([{"uses": "aws-actions/configure-aws-credentials@v4", "with": {"aws-secret-access-key": "${{ steps.vault.outputs.key }}"}}])) == {}

test_gitlab_identity_passes if found(gitlab.pipeline({"a": {"id_tokens": {"T": {"aud": "x"}}, "script": ["az login --service-principal -u $ID -p x --federated-token $T"]}})) == {}

test_npm_of_github_passes if found(github.steps([{"run": "npm publish", "env": {"NODE_AUTH_TOKEN": "${{ secrets.GITHUB_TOKEN }}"}}])) == {}

test_trusted_publishing_passes if found(github.steps([{"uses": "pypa/gh-action-pypi-publish@v1"}])) == {}
