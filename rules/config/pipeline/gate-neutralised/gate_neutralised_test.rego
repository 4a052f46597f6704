# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.gate_neutralised_test

import data.sealock.config.pipeline.gate_neutralised
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := found_with(document, defaults)

defaults := {"commands": ["sealock", "cosign verify", "cosign verify-attestation", "cosign verify-blob", "cosign verify-blob-attestation", "conftest test", "conftest verify", "trivy", "grype", "slsa-verifier", "gitleaks", "osv-scanner", "govulncheck", "gh attestation verify", "notation verify", "in-toto-verify", "kyverno apply", "checkov"], "actions": ["sealock-dev/", "aquasecurity/trivy-action", "anchore/scan-action", "gitleaks/gitleaks-action", "google/osv-scanner-action", "golang/govulncheck-action", "bridgecrewio/checkov-action"]}

found_with(document, params) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in gate_neutralised.finding} with input as document with data.params as {"pipeline.gate-neutralised": params}
}

test_g11_continue_on_error if found(github.steps([{"run": "sealock verify oci://x", "continue-on-error": true}])) == {"jobs/build/steps/0/continue-on-error": ""}

test_job if found(github.workflow({"on": "push", "jobs": {"build": {"continue-on-error": true, "steps": [{"run": "sealock run scan"}]}}})) == {"jobs/build/continue-on-error": ""}

test_or_true if found(github.steps([{"run": "sealock verify oci://x || true"}])) == {"jobs/build/steps/0/run": ""}

test_or_echo if found(github.steps([{"run": "set -e\nsealock verify oci://x && echo ok || echo 'not ok'"}])) == {"jobs/build/steps/0/run": ""}

test_or_exit_0 if found(github.steps([{"run": "cosign verify x || exit 0"}])) == {"jobs/build/steps/0/run": ""}

test_never if found(github.steps([{"run": "sealock verify oci://x", "if": "${{ false }}"}])) == {"jobs/build/steps/0/if": ""}

test_set_e if found(github.steps([{"run": "set +e\nsealock verify oci://x\necho done"}])) == {"jobs/build/steps/0/run": ""}

test_pipe if found(github.steps([{"run": "sealock verify oci://x | tee log"}])) == {"jobs/build/steps/0/run": ""}

test_background if found(github.steps([{"run": "sealock verify oci://x &"}])) == {"jobs/build/steps/0/run": ""}

test_shell_without_e if found(github.steps([{"run": "sealock verify oci://x\necho done\n", "shell": "bash {0}"}])) == {"jobs/build/steps/0/run": ""}

test_action if found(github.steps([{"uses": "sealock-dev/action@v1", "continue-on-error": true}])) == {"jobs/build/steps/0/continue-on-error": ""}

test_deploy_step_always if found(github.steps([{"run": "sealock verify oci://x"}, {"run": "kubectl apply -f .", "if": "always()"}])) == {"jobs/build/steps/1/if": ""}

test_deploy_job_always if found(github.workflow({"on": "push", "jobs": {"gate": {"steps": [{"run": "sealock verify x"}]}, "deploy": {"needs": "gate", "if": "!cancelled()", "steps": [{"run": "helm upgrade x"}]}}})) == {"jobs/deploy/if": ""}

test_gitlab_allow_failure if found(gitlab.pipeline({"gate": {"script": ["sealock verify x"], "allow_failure": true}})) == {"gate/allow_failure": ""}

test_gitlab_manual if found(gitlab.pipeline({"gate": {"script": ["sealock verify x"], "when": "manual"}})) == {"gate/when": ""}

test_gitlab_rule if found(gitlab.pipeline({"gate": {"script": ["sealock verify x"], "rules": [{"if": "$CI_COMMIT_BRANCH", "allow_failure": true}]}})) == {"gate/rules/0/allow_failure": ""}

test_gitlab_or_true if found(gitlab.pipeline({"gate": {"script": ["sealock verify x || true"]}})) == {"gate/script/0": ""}

test_gitlab_deploy_always if found(gitlab.pipeline({"gate": {"script": ["sealock verify x"]}, "deploy": {"when": "always", "script": ["kubectl apply -f ."]}})) == {"deploy/when": ""}

test_plain_passes if found(github.steps([{"run": "set -euo pipefail\nsealock verify oci://x | tee log\n"}, {"run": "kubectl apply -f ."}])) == {}

test_exit_1_passes if found(github.steps([{"run": "sealock verify oci://x || exit 1"}])) == {}

test_block_passes if found(github.steps([{"run": "sealock verify oci://x || { echo refused; exit 1; }"}])) == {}

test_bash_has_pipefail_passes if found(github.steps([{"run": "sealock verify oci://x | tee log", "shell": "bash"}])) == {}

test_code_is_kept_passes if found(github.steps([{"run": "set +e\nsealock verify oci://x\ncode=$?\nexit $code"}])) == {}

test_version_passes if found(github.steps([{"run": "sealock version || true"}])) == {}

test_other_step_passes if found(github.steps([{"run": "make lint || true"}, {"run": "codecov", "continue-on-error": true}])) == {}

test_report_always_passes if found(github.steps([{"run": "sealock verify oci://x"}, {"uses": "actions/upload-artifact@v4", "if": "always()"}])) == {}

test_result_is_asked_passes if found(github.workflow({"on": "push", "jobs": {"gate": {"steps": [{"run": "sealock verify x"}]}, "deploy": {"needs": "gate", "if": "always() && needs.gate.result == 'success'", "steps": [{"run": "helm upgrade x"}]}}})) == {}

test_gitlab_passes if found(gitlab.pipeline({"gate": {"script": ["sealock verify x"], "allow_failure": false}})) == {}

test_printed_passes if found(github.steps([{"run": "echo 'sealock verify || true'"}])) == {}

test_expected_to_fail_passes if found(github.steps([{"run": "! sealock verify oci://bad"}])) == {}

test_gitlab_set_in_another_line if found(gitlab.pipeline({"gate": {"script": ["set +e", "sealock verify x", "echo done"]}})) == {"gate/script/1": ""}

test_gitlab_status_is_looked_at_passes if found(gitlab.pipeline({"gate": {"script": ["set +e", "sealock verify x", "exit $?"]}})) == {}

test_gitlab_scanner_off if found(gitlab.pipeline({"variables": {"SAST_DISABLED": "true"}, "a": {"script": ["make"]}})) == {"variables/SAST_DISABLED": "medium"}

test_gitlab_scanner_on_passes if found(gitlab.pipeline({"variables": {"SAST_DISABLED": "false", "FEATURE_DISABLED": "true"}, "a": {"script": ["make"]}})) == {}

test_lenient_input if found(github.steps([{"uses": "aquasecurity/trivy-action@v0.33.1", "with": {"exit-code": "0"}}])) == {"jobs/build/steps/0/with/exit-code": "medium"}

test_lenient_option if found(gitlab.pipeline({"a": {"script": ["trivy fs --exit-code 0 --severity HIGH ."]}})) == {"a/script/0": "medium"}

test_report_before_the_gate_passes if found(gitlab.pipeline({"a": {"script": ["trivy fs --exit-code 0 .", "trivy fs --exit-code 1 --severity CRITICAL ."]}})) == {}

test_strict_passes if found(github.steps([{"uses": "aquasecurity/trivy-action@v0.33.1", "with": {"exit-code": "1"}}, {"run": "trivy fs --exit-code 1 ."}, {"run": "checkov -d ."}])) == {}
