# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.literal_secret_test

import data.sealock.config.pipeline.literal_secret
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab
import data.sealock.lib.config_jenkins_test as jenkins

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in literal_secret.finding} with input as document
}

test_variable if found(github.workflow({"on": "push", "env": {"DB_PASSWORD": "Tr0ub4dor9x"}, "jobs": {}})) == {"env/DB_PASSWORD": ""}

test_token if found(github.steps([{"run": "x", "env": {"WHATEVER": "ghp_0123456789abcdefghijABCDEFGHIJ012345"}}])) == {"jobs/build/steps/0/env/WHATEVER": ""}

test_input if found(github.steps([{"uses": "octo-org/x@v1", "with": {"api-key": "0a9b8c7d6e5f4a3b"}}])) == {"jobs/build/steps/0/with/api-key": ""}

test_image_pull if found(github.workflow({"on": "push", "jobs": {"a": {"container": {"image": "x", "credentials": {"username": "alice", "password": "hunter2"}}, "steps": []}}})) == {"jobs/a/container/credentials/password": ""}

test_script if found(github.steps([{"run": "git clone https://x:ghp_0123456789abcdefghijABCDEFGHIJ012345@github.com/a/b"}])) == {"jobs/build/steps/0/run": ""}

test_login if found(github.steps([{"run": "docker login -u alice -p Tr0ub4dor9 registry.example.com"}])) == {"jobs/build/steps/0/run": ""}

test_gitlab if found(gitlab.pipeline({"variables": {"DEPLOY_TOKEN": "0a9b8c7d6e5f4a3b"}, "a": {"script": ["x"]}})) == {"variables/DEPLOY_TOKEN": ""}

test_gitlab_value if found(gitlab.pipeline({"a": {"variables": {"API_KEY": {"value": "0a9b8c7d6e5f4a3b"}}, "script": ["x"]}})) == {"a/variables/API_KEY/value": ""}

test_reference_passes if found(github.workflow({"on": "push", "env": {"DB_PASSWORD": "${{ secrets.DB }}"}, "jobs": {}})) == {}

test_test_database_passes if found(github.workflow({"on": "push", "jobs": {"a": {"services": {"db": {"env": {"POSTGRES_PASSWORD": "postgres"}}}, "env": {"PGPASSWORD": "postgres"}, "steps": []}}})) == {}

test_gitlab_reference_passes if found(gitlab.pipeline({"variables": {"TOKEN": "$CI_JOB_TOKEN", "POSTGRES_PASSWORD": "x9x9x9x9"}, "a": {"script": ["x"]}})) == {}

test_names_passes if found(github.steps([{"run": "x", "env": {"TOKEN_FILE": "/run/token", "SECRET_NAME": "prod-db", "PASSWORD_POLICY": "strict", "API_KEY": "test-key"}}])) == {}

test_login_stdin_passes if found(github.steps([{"run": "echo \"$T\" | docker login -u alice --password-stdin registry.example.com"}])) == {}

test_vault_path_passes if found(github.steps([{"run": "x", "env": {"DB_PASSWORD": "vault:secret/db#password"}}])) == {}

test_jenkins if {
	found(jenkins.pipeline({"environment": [{"name": "DB_PASSWORD", "value": "Tr0ub4dor&3"}]})) == {"environment/0": ""}
	found(jenkins.sh("docker login -u ci -p Tr0ub4dor3 registry.example.com", [])) == {"steps/0": ""}
}

test_jenkins_plain_passes if found(jenkins.pipeline({"environment": [{"name": "REGION", "value": "eu-1"}, {"name": "TOKEN_FILE", "value": "/run/token"}]})) == {}
