# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Pipelines for merge requests do not deploy and hold no release credentials
# description: A merge request can change the pipeline's own file and every script that it runs. A job that deploys there gives its rights to whoever opens one.
# related_resources:
# - ref: https://docs.gitlab.com/ci/pipelines/merge_request_pipelines/#control-access-to-protected-variables-and-runners
#   description: GitLab, merge request pipelines and protected variables
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-04-Poisoned-Pipeline-Execution
#   description: OWASP CI/CD risks, CICD-SEC-4
# custom:
#   id: pipeline.merge-request-deploy
#   severity: high
#   remediation: "Let the job run on the protected default branch only (rules: - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH), with protected variables and a protected environment."
#   zeroTrust: [Z2, Z13, Z21]
#   kinds: [gitlab]
package sealock.config.pipeline.merge_request_deploy

import data.sealock.lib.config_gitlab as gitlab
import data.sealock.lib.config_shell as shell

finding contains f if {
	some j in gitlab.jobs
	gitlab.for_merge_requests(j.job.spec)
	what := does(j.job)
	not review(j.job.spec)
	f := {
		"item": j.item.id, "path": array.concat(j.job.path, place(j.job.spec)), "severity": what.severity,
		"message": sprintf("job %s %s, and runs for merge requests", [j.job.name, what.text]), "found": "a rule for merge requests",
		"expected": "rules for protected branches only",
	}
}

place(spec) := ["rules"] if {
	"rules" in object.keys(spec)
} else := ["only"]

does(job) := {"text": "deploys", "severity": "high"} if {
	shell.deploys(gitlab.text(job))
} else := {"text": "publishes", "severity": "medium"} if {
	gitlab.releases(job)
} else := {"text": sprintf("has the environment %s", [name]), "severity": "high"} if {
	name := environment(job.spec)
	regex.match(`(?i)^(prod|production|live|staging|stage|release)\b`, name)
}

environment(spec) := name if {
	name := object.get(spec, ["environment", "name"], null)
	is_string(name)
} else := name if {
	name := object.get(spec, "environment", null)
	is_string(name)
}

# Environments that live as long as the merge request are made for this.
review(spec) if regex.match(`(?i)(review|preview|ephemeral|feature|CI_COMMIT_REF_SLUG|CI_MERGE_REQUEST_I?ID|CI_ENVIRONMENT_SLUG|CI_COMMIT_REF_NAME)`, environment(spec))
