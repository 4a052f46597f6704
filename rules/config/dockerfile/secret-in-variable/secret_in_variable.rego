# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No secret is in ENV, ARG or LABEL
# description: Variables of an image can be read by everybody who can pull it, and values of build arguments stand in its history.
# related_resources:
# - ref: https://docs.docker.com/reference/build-checks/secrets-used-in-arg-or-env/
#   description: Docker build check, SecretsUsedInArgOrEnv
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.10 secrets are not stored in Dockerfiles
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.4 embedded clear text secrets
# custom:
#   id: dockerfile.secret-in-variable
#   severity: high
#   remediation: "Replace the secret. For a build, mount it (RUN --mount=type=secret,id=token …); for the program, hand it over when the container starts."
#   zeroTrust: [Z25, Z28]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.secret_in_variable

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some a in dockerfile.assignments
	problem := judged(a)
	f := object.union(
		{
			"item": a.item.id, "path": a.path, "found": sprintf("%s %s", [upper(a.cmd), a.name]), "expected": "a secret mounted for the build, or given at the start",
		},
		problem,
	)
}

finding contains f if {
	some i in dockerfile.instructions({"label"})
	some a in i.instruction.args
	kind := shell.form(a)
	f := {
		"item": i.item.id, "path": i.path, "message": sprintf("a label holds %s", [kind]), "found": "LABEL", "expected": "labels that anybody may read",
	}
}

judged(a) := {"message": sprintf("%s holds %s", [a.name, kind])} if {
	is_string(a.value)
	kind := shell.form(a.value)
} else := {"message": sprintf("%s holds what is named like a secret", [a.name])} if {
	is_string(a.value)
	shell.sounds_secret(a.name)
	literal(a.value)
} else := {"severity": "medium", "message": sprintf("%s keeps the secret of a build argument in the image", [a.name])} if {
	a.cmd == "env"
	shell.sounds_secret(a.name)
	regex.match(`^\$\{?\w+\}?$`, a.value)
} else := {"severity": "medium", "message": sprintf("build argument %s is named like a secret, and its value stands in the image's history", [a.name])} if {
	a.cmd == "arg"
	shell.sounds_secret(a.name)
	object.get({null: true, "": true}, a.value, false)
}

# In an image, a password that everybody knows is no better than one that is nobody's business.
literal(value) if {
	count(value) > 0
	not regex.match(`[\s$]|\{\{|^<|^%|^/|^\./|^~|^https?://|^file:|^[a-z]+://|^x+$|^\*+$`, value)
	not regex.match(`(?i)^(true|false|yes|no|none|null|nil|empty|undefined|required|optional|always|never|default|auto|disabled|enabled|unused|0|1)$`, value)
	not regex.match(`(?i)(placeholder|dummy|replace[-_]?me|your[-_]|redacted)`, value)
}
