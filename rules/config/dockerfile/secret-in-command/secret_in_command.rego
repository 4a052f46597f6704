# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No secret is in a command of the build
# description: Commands stand in the history of the image, for everybody who can pull it.
# related_resources:
# - ref: https://docs.docker.com/build/building/secrets/
#   description: Docker, build secrets
# - ref: https://www.cisecurity.org/benchmark/docker
#   description: CIS Docker Benchmark, 4.10 secrets are not stored in Dockerfiles
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, IA-5(7) no embedded unencrypted static authenticators
# custom:
#   id: dockerfile.secret-in-command
#   severity: high
#   remediation: "Replace the secret, and mount the new one: RUN --mount=type=secret,id=token …"
#   zeroTrust: [Z25, Z28]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.secret_in_command

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some r in dockerfile.runs
	what := secrets(r.text)
	f := {
		"item": r.item.id, "path": r.path, "message": sprintf("the command holds %s", [what]), "found": what,
		"expected": "a secret that is mounted for the build",
	}
}

# The entry point of an image is as readable as its history.
finding contains f if {
	some i in dockerfile.instructions({"cmd", "entrypoint", "healthcheck"})
	what := shell.form(concat(" ", i.instruction.args))
	f := {
		"item": i.item.id, "path": i.path, "message": sprintf("the command holds %s", [what]), "found": what, "expected": "a secret that is given at the start",
	}
}

secrets(text) := what if {
	what := shell.secret_in_text(text)
} else := "the password of a user" if {
	regex.match(`chpasswd|passwd|useradd|usermod`, text)
	some p in shell.pipelines(text)
	sets_password(p)
} else := sprintf("what is named like a secret (%s)", [name]) if {
	names := sort([n | some words in shell.commands(text); some n in assigned(words)])
	count(names) > 0
	name := names[0]
} else := "a token in a header" if {
	some m in regex.find_all_string_submatch_n(`(?i)authorization:\s*(?:bearer|token|basic)\s+([A-Za-z0-9._~+/=-]{16,})["']`, text, 1)
	not contains(m[1], "$")
}

sets_password(p) if {
	count(p.commands) > 1
	shell.name(p.commands[1]) in {"chpasswd", "passwd"}
	some a in shell.arguments(p.commands[0])
	regex.match(`^([\w-]+:)?[^\s$:]{1,}(\\n.*)?$`, a)
	not a in {"-e", "-n", "%s", "-ne"}
	not startswith(a, "-")
}

sets_password(p) if {
	some words in p.commands
	shell.name(words) == "chpasswd"
	some i, w in words
	w == "<<<"
	regex.match(`^[\w-]+:[^\s$]+$`, words[i + 1])
}

sets_password(p) if {
	some words in p.commands
	shell.name(words) in {"useradd", "usermod"}
	some i, w in words
	w in {"-p", "--password"}
	not regex.match(`^[$!*'"]|^$`, words[i + 1])
}

assigned(words) := {m[1] |
	some w in words
	some m in regex.find_all_string_submatch_n(`^(?:--?)?([A-Za-z_][\w-]*)=(.+)$`, w, 1)
	shell.sounds_secret(m[1])
	shell.looks_secret(m[2])
} | {trim_left(w, "-") |
	some i, w in words
	w in {"--password", "--token", "--secret", "--api-key", "--access-token", "--auth-token"}
	not startswith(words[i + 1], "-")
	shell.looks_secret(words[i + 1])
}
