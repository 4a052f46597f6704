# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Commands in a job's output can't set variables
# description: With ACTIONS_ALLOW_UNSECURE_COMMANDS, whatever a program prints can set variables and the search path of later steps, and so run code.
# related_resources:
# - ref: https://github.blog/changelog/2020-10-01-github-actions-deprecating-set-env-and-add-path-commands/
#   description: GitHub, deprecation of set-env and add-path (CVE-2020-15228)
# - ref: https://docs.zizmor.sh/audits/#insecure-commands
#   description: zizmor, insecure-commands
# custom:
#   id: pipeline.insecure-commands
#   severity: high
#   remediation: Remove the variable; write to the files GITHUB_ENV and GITHUB_PATH instead of printing commands.
#   zeroTrust: [Z1, Z2]
#   kinds: [github]
package sealock.config.pipeline.insecure_commands

import data.sealock.lib.config_github as github

name := "ACTIONS_ALLOW_UNSECURE_COMMANDS"

finding contains f if {
	some e in github.environments
	some key, value in e.values
	upper(key) == name
	not lower(github.text_of(value)) in {"", "false", "0"}
	f := {
		"item": e.item.id, "path": array.concat(e.path, [key]), "message": sprintf("%s is set, so printed text can set variables", [name]),
		"found": sprintf("%s: %s", [key, github.text_of(value)]), "expected": "the variable is not set",
	}
}

# A matrix whose values become variables.
finding contains f if {
	some j in github.jobs
	walk(object.get(j.job.spec, ["strategy", "matrix"], {}), [path, value])
	count(path) > 0
	path[count(path) - 1] == name
	github.on(value)
	f := {
		"item": j.item.id, "path": array.concat(array.concat(j.job.path, ["strategy", "matrix"]), path),
		"message": sprintf("%s is set, so printed text can set variables", [name]), "found": name, "expected": "the variable is not set",
	}
}

finding contains f if {
	some s in github.runs
	regex.match(sprintf(`(?m)^[^#\n]*%s=['"]?(true|1)`, [name]), s.text)
	f := {
		"item": s.item.id, "path": array.concat(s.path, ["run"]), "message": sprintf("the script sets %s", [name]), "found": name,
		"expected": "the variable is not set",
	}
}
