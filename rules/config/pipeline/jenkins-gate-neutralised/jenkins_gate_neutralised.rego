# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: A failing gate stops the Jenkins pipeline
# description: A check whose failure is ignored is no check. || true, catchError and a status that nobody looks at turn a refusal into a stage that passed. Which commands are gates is set by the parameter of pipeline.gate-neutralised.
# related_resources:
# - ref: https://www.jenkins.io/doc/pipeline/steps/workflow-durable-task-step/
#   description: Jenkins, sh and returnStatus
# - ref: https://www.jenkins.io/doc/pipeline/steps/workflow-basic-steps/
#   description: Jenkins, catchError and warnError
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms
#   description: OWASP CI/CD risks, CICD-SEC-1
# custom:
#   id: pipeline.jenkins-gate-neutralised
#   severity: high
#   remediation: Let the step fail the build; write exceptions into the policy or its waivers, where they have an owner and an end.
#   zeroTrust: [Z8, Z21]
#   kinds: [jenkins]
package sealock.config.pipeline.jenkins_gate_neutralised

import data.sealock.lib.config_gate as gate
import data.sealock.lib.config_jenkins as jenkins
import data.sealock.lib.config_shell as shell

params := data.params["pipeline.gate-neutralised"]

gates := [object.union(s, {"gate": name}) | some s in jenkins.scripts; name := gate.of_text(s.step.text, params)]

finding contains f if {
	some s in gates
	some hit in gate.ignored(s.step.text, params.commands, modes(s.step))
	f := told(s, sprintf("%s: %s", [hit.command, hit.why]), hit.found)
}

finding contains f if {
	some s in gates
	s.step.statusDropped
	f := told(s, sprintf("%s: nobody looks at the status that the step returns", [s.gate]), "returnStatus: true")
}

finding contains f if {
	some s in gates
	some block in {"catchError", "warnError"} & {b | some b in s.step.inside}
	f := told(s, sprintf("%s: %s lets the pipeline go on after it failed", [s.gate, block]), block)
}

# Jenkins starts sh with -xe, unless the script says in its first line what is to read it.
modes(step) := {"stops": not_own(step), "pipes": step.step != "sh"}

not_own(step) := false if {
	startswith(trim_space(step.text), "#!")
	not regex.match(`^\s*#!\S+\s.*-\w*e`, split(trim_space(step.text), "\n")[0])
} else := true

told(s, message, found) := {
	"item": s.item.id, "path": s.path, "message": message, "found": shell.clip(found), "expected": "a gate whose refusal stops what comes after it",
}
