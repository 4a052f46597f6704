# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.gate_required_test

import data.sealock.config.pipeline.gate_required
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := found_with(document, defaults)

defaults := {"commands": ["sealock", "cosign verify", "cosign verify-attestation", "conftest test", "slsa-verifier", "gh attestation verify", "notation verify"], "actions": ["sealock-dev/"], "always": false}

found_with(document, params) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in gate_required.finding} with input as document with data.params as {"pipeline.gate-required": params}
}

test_beside if found(github.workflow({"on": "push", "jobs": {"gate": {"steps": [{"run": "sealock verify x"}]}, "deploy": {"steps": [{"run": "kubectl apply -f ."}]}}})) == {"jobs/deploy/needs": ""}

test_needs_another if found(github.workflow({"on": "push", "jobs": {"build": {"steps": []}, "gate": {"needs": "build", "steps": [{"run": "sealock verify x"}]}, "deploy": {"needs": ["build"], "steps": [{"run": "helm upgrade x"}]}}})) == {"jobs/deploy/needs": ""}

test_gitlab_needs_nothing if found(gitlab.pipeline({"stages": ["gate", "deploy"], "gate": {"stage": "gate", "script": ["sealock verify x"]}, "deploy": {"stage": "deploy", "needs": [], "script": ["kubectl apply -f ."]}})) == {"deploy/needs": ""}

test_gitlab_same_stage if found(gitlab.pipeline({"gate": {"script": ["sealock verify x"]}, "deploy": {"environment": "prod", "script": ["./deploy"]}})) == {"deploy/needs": ""}

test_needs_passes if found(github.workflow({"on": "push", "jobs": {"gate": {"steps": [{"run": "sealock verify x"}]}, "deploy": {"needs": "gate", "steps": [{"run": "kubectl apply -f ."}]}}})) == {}

test_through_another_passes if found(github.workflow({"on": "push", "jobs": {"gate": {"steps": [{"run": "sealock verify x"}]}, "b": {"needs": ["gate"], "steps": []}, "deploy": {"needs": ["b"], "steps": [{"run": "kubectl apply -f ."}]}}})) == {}

test_gate_in_the_job_passes if found(github.workflow({"on": "push", "jobs": {"gate": {"steps": [{"run": "sealock verify x"}]}, "deploy": {"steps": [{"run": "sealock verify x"}, {"run": "kubectl apply -f ."}]}}})) == {}

test_no_gate_passes if found(github.workflow({"on": "push", "jobs": {"deploy": {"steps": [{"run": "kubectl apply -f ."}]}}})) == {}

test_gitlab_stages_passes if found(gitlab.pipeline({"stages": ["gate", "deploy"], "gate": {"stage": "gate", "script": ["sealock verify x"]}, "deploy": {"stage": "deploy", "script": ["kubectl apply -f ."]}})) == {}

test_gitlab_needs_passes if found(gitlab.pipeline({"stages": ["gate", "deploy"], "gate": {"stage": "gate", "script": ["sealock verify x"]}, "deploy": {"stage": "deploy", "needs": [{"job": "gate"}], "script": ["kubectl apply -f ."]}})) == {}
