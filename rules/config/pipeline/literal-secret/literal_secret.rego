# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No secret stands in a pipeline's file
# description: Everybody who can read the repository, and every fork and copy of it, has the secret for as long as it is valid.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/security/secrets
#   description: GitHub, secrets
# - ref: https://docs.gitlab.com/ci/variables/#define-a-cicd-variable-in-the-ui
#   description: GitLab, protected and masked variables
# - ref: https://docs.zizmor.sh/audits/#hardcoded-container-credentials
#   description: zizmor, hardcoded-container-credentials
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, IA-5(7) no embedded unencrypted static authenticators
# custom:
#   id: pipeline.literal-secret
#   severity: high
#   remediation: "Replace the secret, then keep the new one in the platform's secret store (GitHub: ${{ secrets.NAME }}; GitLab: a protected, masked variable of the project)."
#   zeroTrust: [Z25, Z28]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.literal_secret

import data.sealock.lib.config_github as github
import data.sealock.lib.config_pipeline as pipeline
import data.sealock.lib.config_shell as shell

finding contains f if {
	some v in variables
	kind := shell.secret_kind(v.name, v.value)
	f := told(v.item, v.path, sprintf("%s holds %s in plain text", [v.name, kind]), v.name)
}

variables := array.concat(
	[v | some v in pipeline.variables; is_string(v.value); not gitlab_service(v)],
	[{"item": s.item, "path": array.concat(s.path, ["with", key]), "name": key, "value": value} |
		some s in github.steps
		some key, value in object.get(s.spec, "with", {})
		is_string(value)
		not contains(value, "\n")
	],
)

# Databases that live as long as a job are set up with variables of the job on GitLab; their passwords protect nothing.
gitlab_service(v) if {
	v.item in input.gitlab
	regex.match(`^(POSTGRES|MYSQL|MARIADB|MONGO|MONGO_INITDB|RABBITMQ|REDIS|MSSQL|SA|PG|DB|ELASTIC)_?(ROOT_)?(DEFAULT_)?(PASSWORD|PASS)$`, v.name)
}

# Credentials for pulling images.
finding contains f if {
	some j in github.jobs
	some place in array.concat(
		[{"path": ["container", "credentials", "password"], "value": object.get(j.job.spec, ["container", "credentials", "password"], null)}],
		[{"path": ["services", name, "credentials", "password"], "value": object.get(s, ["credentials", "password"], null)} |
			some name, s in object.get(j.job.spec, "services", {})
			is_object(s)
		],
	)
	is_string(place.value)
	place.value != ""
	not contains(place.value, "${{")
	f := told(j.item, array.concat(j.job.path, place.path), "the password for pulling an image stands in plain text", "credentials.password")
}

# Scripts that hold a well-known form of a secret, or log in with a literal one.
finding contains f if {
	some script in pipeline.scripts
	kind := shell.secret_in_text(script.text)
	f := told(script.item, script.path, sprintf("the script holds %s in plain text", [kind]), kind)
}

told(item, path, message, found) := {"item": item.id, "path": path, "message": message, "found": found, "expected": "a reference to a secret store"}
