# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Actions come from the owner that is meant
# description: Names that differ in a letter from those of well-known owners are registered to be taken by mistake. Such an action runs with the job's token and secrets, and can do all that the right one does beside it.
# related_resources:
# - ref: https://orca.security/resources/blog/typosquatting-in-github-actions/
#   description: Orca Security, typosquatting in GitHub Actions
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse
#   description: OWASP CI/CD risks, CICD-SEC-3
# custom:
#   id: pipeline.action-lookalike
#   severity: high
#   remediation: Correct the owner's name. If it has run already, treat what the job could read as known to others, and replace its secrets.
#   zeroTrust: [Z1, Z20]
#   kinds: [github]
#   parameters:
#     accepted: {type: strings, default: [], about: "owners that are meant although they look like another"}
package sealock.config.pipeline.action_lookalike

import data.sealock.lib.config_github as github

# owners is who publishes the repositories that most workflows use.
owners := {
	"actions": {
		"checkout", "cache", "setup-node", "setup-python", "setup-go", "setup-java", "setup-dotnet", "upload-artifact", "download-artifact", "github-script", "labeler",
		"stale", "attest-build-provenance", "configure-pages", "deploy-pages", "upload-pages-artifact", "dependency-review-action", "create-github-app-token", "first-interaction",
	},
	"docker": {"build-push-action", "login-action", "setup-buildx-action", "setup-qemu-action", "metadata-action", "bake-action", "scout-action"},
	"github": {"codeql-action", "super-linter"}, "aws-actions": {"configure-aws-credentials", "amazon-ecr-login", "amazon-ecs-deploy-task-definition", "amazon-ecs-render-task-definition"},
	"google-github-actions": {"auth", "setup-gcloud", "deploy-cloudrun", "get-gke-credentials"}, "azure": {"login", "webapps-deploy", "setup-helm", "setup-kubectl", "k8s-deploy", "cli"},
	"hashicorp": {"setup-terraform", "vault-action", "setup-packer"}, "codecov": {"codecov-action"}, "goreleaser": {"goreleaser-action"}, "golangci": {"golangci-lint-action"},
	"softprops": {"action-gh-release"}, "pypa": {"gh-action-pypi-publish", "cibuildwheel"}, "astral-sh": {"setup-uv", "ruff-action"}, "pnpm": {"action-setup"},
	"peter-evans": {"create-pull-request", "create-or-update-comment", "find-comment", "repository-dispatch"}, "tj-actions": {"changed-files", "branch-names"},
	"dorny": {"paths-filter", "test-reporter"}, "dtolnay": {"rust-toolchain"}, "swatinem": {"rust-cache"}, "ruby": {"setup-ruby"}, "gradle": {"actions", "gradle-build-action"},
	"sigstore": {"cosign-installer", "gh-action-sigstore-python"}, "aquasecurity": {"trivy-action", "setup-trivy"}, "anchore": {"scan-action", "sbom-action"},
	"gitleaks": {"gitleaks-action"}, "step-security": {"harden-runner"}, "ossf": {"scorecard-action"}, "snyk": {"actions"}, "sonarsource": {"sonarqube-scan-action", "sonarcloud-github-action"},
	"slackapi": {"slack-github-action"}, "peaceiris": {"actions-gh-pages"}, "jamesives": {"github-pages-deploy-action"}, "reviewdog": {"reviewdog", "action-setup"},
	"shivammathur": {"setup-php"}, "pre-commit": {"action"}, "cloudflare": {"wrangler-action"}, "subosito": {"flutter-action"}, "dependabot": {"fetch-metadata"},
}

owners_of := {repo: {o | some o, repos in owners; repo in repos} | some repo in {r | some repos in owners; some r in repos}}

finding contains f if {
	some call in github.calls
	parts := split(lower(split(trim_space(call.value), "@")[0]), "/")
	count(parts) >= 2
	some meant in owners_of[parts[1]]
	not owners[parts[0]]
	not parts[0] in {lower(a) | some a in data.params["pipeline.action-lookalike"].accepted}
	looks_like(parts[0], meant)
	f := {
		"item": call.item.id, "path": call.path, "message": sprintf("%s/%s looks like %s/%s, and is somebody else's", [parts[0], parts[1], meant, parts[1]]),
		"found": call.value, "expected": sprintf("%s/%s", [meant, parts[1]]),
	}
}

# looks_like(a, b) if one letter was left out, put in, replaced or swapped with its neighbour.
looks_like(a, b) if {
	a != b
	abs(count(a) - count(b)) <= 1
	count(shorter(a) & shorter(b)) > 0
}

# shorter(name) is the name, and the name without each one of its letters.
shorter(name) := {name} | {concat("", [substring(name, 0, i), substring(name, i + 1, -1)]) | some i, _ in split(name, "")}
