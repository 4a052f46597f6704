# SPDX-License-Identifier: Apache-2.0

package sealock.config.pipeline.tool_pinned_test

import data.sealock.config.pipeline.tool_pinned
import data.sealock.lib.config_github_test as github
import data.sealock.lib.config_gitlab_test as gitlab

# found(document) is where findings are, and the severities that they have of their own.
found(document) := found_with(document, defaults)

defaults := {"tools": ["sealock", "cosign", "conftest", "opa", "trivy", "grype", "syft", "gitleaks", "trufflehog", "slsa-verifier", "osv-scanner", "govulncheck", "checkov", "kubesec", "crane", "oras"]}

found_with(document, params) := at if {
	at := {concat("/", [sprintf("%v", [p]) | some p in f.path]): object.get(f, "severity", "") | some f in tool_pinned.finding} with input as document with data.params as {"pipeline.tool-pinned": params}
}

test_latest if found(github.steps([{"run": "go install github.com/sealock-dev/sealock/cmd/sealock@latest"}])) == {"jobs/build/steps/0/run": ""}

test_release if found(github.steps([{"run": "curl -sSLO https://github.com/sigstore/cosign/releases/latest/download/cosign-linux-amd64"}])) == {"jobs/build/steps/0/run": ""}

test_image if found(gitlab.pipeline({"a": {"script": ["docker run --rm aquasec/trivy image x"]}})) == {"a/script/0": ""}

test_newest_by_input if found(github.steps([{"uses": "open-policy-agent/setup-opa@v2", "with": {"version": "latest"}}])) == {"jobs/build/steps/0/with/version": ""}

test_newest_by_default if found(github.steps([{"uses": "aquasecurity/setup-trivy@v0.2.4"}])) == {"jobs/build/steps/0/uses": ""}

test_fixed_input_passes if found(github.steps([{"uses": "aquasecurity/setup-trivy@v0.2.4", "with": {"version": "v0.68.1"}}, {"uses": "actions/setup-go@v6", "with": {"go-version": "latest"}}])) == {}

test_version_passes if found(github.steps([{"run": "go install github.com/sealock-dev/sealock/cmd/sealock@v0.1.0"}])) == {}

test_variable_passes if found(github.steps([{"run": "go install \"github.com/sealock-dev/sealock/cmd/sealock@${V}\""}])) == {}

test_other_passes if found(github.steps([{"run": "go install golang.org/x/tools/cmd/goimports@latest"}])) == {}

test_digest_passes if found(gitlab.pipeline({"a": {"script": ["docker run --rm aquasec/trivy@sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb image x"]}})) == {}

test_any_version_of_just if found(github.steps([{"uses": "extractions/setup-just@v3", "with": {"just-version": "*"}}])) == {"jobs/build/steps/0/uses": ""}
