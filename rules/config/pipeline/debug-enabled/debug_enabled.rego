# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Debug logs are not switched on in the file
# description: Debug logs show variables and commands with what they were given, secrets in other spellings included.
# related_resources:
# - ref: https://docs.gitlab.com/ci/variables/variables_troubleshooting/#enable-debug-logging
#   description: GitLab, debug logging exposes job variables
# - ref: https://docs.github.com/en/actions/how-tos/monitor-workflows/enable-debug-logging
#   description: GitHub, debug logging
# custom:
#   id: pipeline.debug-enabled
#   severity: medium
#   remediation: Remove the variable; switch debug logs on for a single run where they are needed.
#   zeroTrust: [Z25]
#   kinds: [github, gitlab]
package sealock.config.pipeline.debug_enabled

import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab

finding contains f if {
	some e in github.environments
	some key, value in e.values
	key in {"ACTIONS_RUNNER_DEBUG", "ACTIONS_STEP_DEBUG"}
	set_on(value)
	f := told(e.item, array.concat(e.path, [key]), key, "low")
}

finding contains f if {
	some v in gitlab.variables
	v.name in {"CI_DEBUG_TRACE", "CI_DEBUG_SERVICES"}
	set_on(v.value)
	f := told(v.item, v.path, v.name, "medium")
}

set_on(value) if lower(github.text_of(value)) in {"true", "1"}

told(item, path, name, severity) := {
	"item": item.id, "path": path, "severity": severity, "message": sprintf("%s switches debug logs on for every run", [name]),
	"found": sprintf("%s: true", [name]), "expected": "the variable is not set",
}
