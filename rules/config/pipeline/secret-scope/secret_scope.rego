# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Secrets are given to the step that needs them
# description: A secret among the variables of a workflow or job is there for each of its steps, and for every action and dependency that runs in them.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/security/secure-use#use-secrets-for-sensitive-information
#   description: GitHub secure use reference, secrets
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-06-Insufficient-Credential-Hygiene
#   description: OWASP CI/CD risks, CICD-SEC-6
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, AC-6 least privilege
# custom:
#   id: pipeline.secret-scope
#   severity: low
#   remediation: "Move the variable into env of the one step that uses it."
#   zeroTrust: [Z13, Z25]
#   kinds: [github]
package sealock.config.pipeline.secret_scope

import data.sealock.lib.config_github as github

finding contains f if {
	some item in github.workflows
	jobs := [job | some job in item.jobs; count(job.steps) > 0]
	count(jobs) > 1
	some key, value in github.variables(object.get(item.object, "env", {}))
	name := secret(value)
	f := told(item, ["env", key], "medium", sprintf("every step of %d jobs is given %s", [count(jobs), name]), name)
}

finding contains f if {
	some j in github.jobs
	count(j.job.steps) > 1
	some key, value in github.variables(object.get(j.job.spec, "env", {}))
	name := secret(value)
	f := told(j.item, array.concat(j.job.path, ["env", key]), "low", sprintf("every step of job %s is given %s", [j.job.id, name]), name)
}

# Every job has its own token anyway.
secret(value) := m[1] if {
	m := regex.find_all_string_submatch_n(`\b(secrets\.[\w-]+)`, github.normal(concat(" ", [e | some e in github.expressions(github.text_of(value))])), 1)[0]
	m[1] != "secrets.github_token"
}

told(item, path, severity, message, found) := {
	"item": item.id, "path": path, "severity": severity, "message": message, "found": found, "expected": "the secret in env of the step that uses it",
}
