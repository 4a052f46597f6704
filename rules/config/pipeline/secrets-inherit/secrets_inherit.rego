# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Called workflows get the secrets that they need, by name
# description: "secrets: inherit hands every secret of the repository and its organisation to the called workflow and to whatever that one runs."
# related_resources:
# - ref: https://docs.zizmor.sh/audits/#secrets-inherit
#   description: zizmor, secrets-inherit
# - ref: https://docs.github.com/en/actions/how-tos/reuse-automations/reuse-workflows#passing-inputs-and-secrets-to-a-reusable-workflow
#   description: GitHub, passing secrets to reusable workflows
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene
#   description: OWASP CI/CD risks, CICD-SEC-6
# custom:
#   id: pipeline.secrets-inherit
#   severity: medium
#   remediation: "Name the secrets: secrets: {TOKEN: \"${{ secrets.TOKEN }}\"}"
#   zeroTrust: [Z13, Z28]
#   kinds: [github]
package sealock.config.pipeline.secrets_inherit

import data.sealock.lib.config_github as github

finding contains f if {
	some j in github.jobs
	j.job.spec.secrets == "inherit"
	callee := github.text_of(object.get(j.job.spec, "uses", ""))
	f := {
		"item": j.item.id, "path": array.concat(j.job.path, ["secrets"]), "severity": severity(callee),
		"message": sprintf("job %s gives all secrets to %s", [j.job.id, callee]), "found": "secrets: inherit", "expected": "the secrets that are needed, by name",
	}
}

severity(callee) := "low" if {
	startswith(callee, "./")
} else := "medium"
