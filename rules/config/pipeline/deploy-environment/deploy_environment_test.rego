# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.deploy_environment_test

import data.sealock.config.pipeline.deploy_environment
import data.sealock.lib.config_github_test as github

# found(document) is where findings are, and the severities that they have of their own.
found(document) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in deploy_environment.finding} with input as document
}

test_kubectl if found(github.steps([{"run": "kubectl apply -f k8s/"}])) == {"jobs/build/environment": ""}

test_action if found(github.steps([{"uses": "azure/webapps-deploy@v3"}])) == {"jobs/build/environment": ""}

test_named_passes if found(github.workflow({"on": "push", "jobs": {"d": {"environment": "prod", "steps": [{"run": "kubectl apply -f ."}]}}})) == {}

test_test_cluster_passes if found(github.steps([{"uses": "helm/kind-action@v1"}, {"run": "kubectl apply -f ."}])) == {}

test_pull_request_passes if found(github.on("pull_request", [{"run": "kubectl apply -f ."}])) == {}

test_dry_passes if found(github.steps([{"run": "kubectl apply --dry-run=server -f ."}])) == {}

test_status_passes if found(github.steps([{"run": "kubectl rollout status deploy/x"}])) == {}
