# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Pipelines sign in to clouds and registries with their own identity
# description: A stored key works from anywhere until somebody changes it. The token that a job gets from its platform works for that job, for minutes.
# related_resources:
# - ref: https://docs.github.com/en/actions/concepts/security/openid-connect
#   description: GitHub, OpenID Connect
# - ref: https://docs.gitlab.com/ci/secrets/id_token_authentication/
#   description: GitLab, authentication with ID tokens
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene
#   description: OWASP CI/CD risks, CICD-SEC-6
# - ref: https://docs.pypi.org/trusted-publishers/
#   description: PyPI, trusted publishers
# custom:
#   id: pipeline.static-cloud-keys
#   severity: medium
#   remediation: "Give the job id-token: write (GitLab: id_tokens) and let the cloud or registry trust its identity: role-to-assume, workload_identity_provider, client-id, trusted publishing."
#   zeroTrust: [Z6, Z28]
#   kinds: [github, gitlab]
package sealock.config.pipeline.static_cloud_keys

import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab
import data.sealock.lib.config_shell as shell

inputs := {
	"aws-actions/configure-aws-credentials": "aws-secret-access-key", "google-github-actions/auth": "credentials_json", "azure/login": "creds",
	"google-github-actions/setup-gcloud": "service_account_key", "google-github-actions/get-gke-credentials": "credentials", "azure/docker-login": "password",
	"azure/webapps-deploy": "publish-profile", "azure/functions-action": "publish-profile", "jakejarvis/s3-sync-action": "aws_secret_access_key",
}

finding contains f if {
	some s in github.steps
	name := inputs[github.action(s.spec)]
	value := github.text_of(github.given(s.spec, name))
	stored(value)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["with", spelled(s.spec, name)]), "message": sprintf("%s is given a stored key (%s)", [github.action(s.spec), name]),
		"found": name, "expected": "the job's own identity (OpenID Connect)",
	}
}

spelled(spec, name) := min([key | some key, _ in spec["with"]; lower(key) == name])

# Values of other steps are short-lived more often than not; secrets and literals are not.
stored(value) if {
	value != ""
	not regex.match(`\$\{\{\s*(steps|needs|env|inputs|matrix)\.`, value)
}

variables := {
	"AWS_SECRET_ACCESS_KEY": "AWS", "GOOGLE_CREDENTIALS": "Google Cloud", "GCP_SA_KEY": "Google Cloud", "GCLOUD_SERVICE_KEY": "Google Cloud",
	"AZURE_CLIENT_SECRET": "Azure", "ARM_CLIENT_SECRET": "Azure", "AZURE_CREDENTIALS": "Azure", "ALICLOUD_SECRET_KEY": "Alibaba Cloud",
}

finding contains f if {
	some e in github.environments
	some key, value in e.values
	cloud := variables[upper(key)]
	regex.match(`\$\{\{\s*secrets\.`, github.text_of(value))
	f := {
		"item": e.item.id, "path": array.concat(e.path, [key]), "message": sprintf("%s holds a stored key for %s", [key, cloud]), "found": key,
		"expected": "the job's own identity (OpenID Connect)",
	}
}

# Registries of packages that take the job's identity.
finding contains f if {
	some s in github.steps
	name := {"pypa/gh-action-pypi-publish": "password", "js-devtools/npm-publish": "token"}[github.action(s.spec)]
	stored(github.text_of(github.given(s.spec, name)))
	not regex.match(`(?i)test|github\.com`, github.text_of(github.given(s.spec, "repository-url")))
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["with", spelled(s.spec, name)]), "severity": "low",
		"message": sprintf("%s is given a stored %s", [github.action(s.spec), name]), "found": name, "expected": "trusted publishing",
	}
}

tokens := {
	"NODE_AUTH_TOKEN", "NPM_TOKEN", "CARGO_REGISTRY_TOKEN", "TWINE_PASSWORD", "GEM_HOST_API_KEY", "POETRY_PYPI_TOKEN_PYPI", "UV_PUBLISH_TOKEN",
	"FLIT_PASSWORD", "HATCH_INDEX_AUTH", "PYPI_TOKEN",
}

finding contains f if {
	some s in github.steps
	github.publishes(s.spec)
	some key, value in github.environment(s.item, s.job, s.spec)
	key in tokens
	regex.match(`\$\{\{\s*secrets\.`, github.text_of(value))
	not regex.match(`(?i)secrets\.GITHUB_TOKEN\b`, github.text_of(value))
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["env", key]), "severity": "low", "message": sprintf("the step publishes with a stored token (%s)", [key]),
		"found": key, "expected": "trusted publishing",
	}
}

# A token on the command line, where the list of processes shows it too.
finding contains f if {
	some s in github.runs
	contains(s.text, "secrets.")
	shell.publishes(s.text)
	some m in regex.find_all_string_submatch_n(`--(?:token|password|api-key)[= ]["']?\$\{\{\s*(secrets\.[\w-]+)`, s.text, 1)
	not lower(m[1]) == "secrets.github_token"
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["run"]), "severity": "low", "message": sprintf("the step publishes with a stored token (%s)", [m[1]]),
		"found": m[1], "expected": "trusted publishing",
	}
}

# GitLab: keys that come from the project's variables, where the job could have an identity.
finding contains f if {
	some line in gitlab.lines
	object.get(line.job.spec, "id_tokens", null) == null
	regex.match(`aws|gcloud|\baz\b`, line.text)
	some words in shell.commands(line.text)
	cloud := signs_in(words)
	f := {
		"item": line.item.id, "path": line.path, "message": sprintf("the job signs in to %s with a stored key", [cloud]),
		"found": cloud, "expected": "id_tokens, and a role that trusts them",
	}
}

signs_in(words) := "AWS" if {
	shell.name(words) == "aws"
	{"configure", "set"} & {a | some a in words} == {"configure", "set"}
	some a in words
	endswith(a, "aws_secret_access_key")
} else := "AWS" if {
	some w in words
	regex.match(`^AWS_SECRET_ACCESS_KEY=.`, w)
} else := "Google Cloud" if {
	shell.name(words) == "gcloud"
	"activate-service-account" in words
	not "--cred-file" in words
} else := "Azure" if {
	shell.name(words) == "az"
	"login" in words
	"--service-principal" in words
	not "--federated-token" in words
	some a in words
	regex.match(`^(-p|--password)(=.*)?$`, a)
}

finding contains f if {
	some v in gitlab.variables
	upper(v.name) in object.keys(variables)
	value := github.text_of(v.value)
	regex.match(`^\$\{?[A-Z]`, value)
	not v.name == trim(value, "${}")
	f := {
		"item": v.item.id, "path": v.path, "message": sprintf("%s holds a stored key for %s", [v.name, variables[upper(v.name)]]), "found": v.name,
		"expected": "id_tokens, and a role that trusts them",
	}
}
