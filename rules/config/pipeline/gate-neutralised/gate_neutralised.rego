# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: A failing gate stops the pipeline
# description: A check whose failure is ignored is no check. continue-on-error, || true, allow_failure and the like turn a refusal into a green tick.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepscontinue-on-error
#   description: GitHub, continue-on-error
# - ref: https://docs.gitlab.com/ci/yaml/#allow_failure
#   description: GitLab, allow_failure
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms
#   description: OWASP CI/CD risks, CICD-SEC-1
# custom:
#   id: pipeline.gate-neutralised
#   severity: high
#   remediation: Let the command's failure be the failure of the step and the job; write exceptions into the policy or its waivers, where they have an owner and an end.
#   zeroTrust: [Z8, Z21]
#   kinds: [github, gitlab]
#   parameters:
#     commands:
#       type: strings
#       default:
#         - sealock
#         - cosign verify
#         - cosign verify-attestation
#         - cosign verify-blob
#         - cosign verify-blob-attestation
#         - conftest test
#         - conftest verify
#         - trivy
#         - grype
#         - slsa-verifier
#         - gitleaks
#         - osv-scanner
#         - govulncheck
#         - gh attestation verify
#         - notation verify
#         - in-toto-verify
#         - kyverno apply
#         - checkov
#         - kics scan
#         - semgrep ci
#         - snyk test
#         - snyk container test
#         - terrascan scan
#         - tfsec
#         - trufflehog
#         - zizmor
#       about: "commands that decide what may go on: a program, or a program and its first words"
#     actions:
#       type: strings
#       default: [sealock-dev/, aquasecurity/trivy-action, anchore/scan-action, gitleaks/gitleaks-action, google/osv-scanner-action, golang/govulncheck-action, bridgecrewio/checkov-action]
#       about: "actions that decide what may go on; a / at the end means all of an owner"
package sealock.config.pipeline.gate_neutralised

import data.sealock.lib.config_gate as gate
import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab
import data.sealock.lib.config_shell as shell

params := data.params["pipeline.gate-neutralised"]

# --- GitHub

gate_steps := [object.union(s, {"gate": name}) | some s in github.steps; name := gate.of_step(s.spec, params)]

finding contains f if {
	some s in gate_steps
	some key, why in weak_keys(s.spec)
	f := told(s.item, array.concat(s.path, [key]), sprintf("%s in job %s %s", [s.gate, s.job.id, why]), sprintf("%s: %s", [key, github.text_of(s.spec[key])]))
}

finding contains f if {
	some j in github.jobs
	some name in {s.gate | some s in gate_steps; s.item.id == j.item.id; s.job.id == j.job.id}
	name == min({s.gate | some s in gate_steps; s.item.id == j.item.id; s.job.id == j.job.id})
	some key, why in weak_keys(j.job.spec)
	f := told(j.item, array.concat(j.job.path, [key]), sprintf("job %s, which runs %s, %s", [j.job.id, name, why]), sprintf("%s: %s", [key, github.text_of(j.job.spec[key])]))
}

weak_keys(spec) := object.union(
	{k: "may fail without consequence" | some k in ["continue-on-error"]; not lower(github.text_of(object.get(spec, k, false))) in {"", "false"}},
	{k: "never runs" | some k in ["if"]; lower(github.condition(spec)) == "false"},
)

finding contains f if {
	some s in gate_steps
	is_string(object.get(s.spec, "run", null))
	some hit in gate.ignored(s.spec.run, params.commands, modes(s))
	f := told(s.item, array.concat(s.path, ["run"]), sprintf("%s: %s", [hit.command, hit.why]), hit.found)
}

# modes(s) is how the step's shell treats errors: bash without being named stops at errors, but not at those within a pipe.
modes(s) := {"stops": stops(s_shell), "pipes": pipes(s_shell)} if s_shell := shell_of(s)

shell_of(s) := v if {
	v := object.get(s.spec, "shell", "")
	v != ""
} else := v if {
	v := object.get(s.job.spec, ["defaults", "run", "shell"], "")
	v != ""
} else := object.get(s.item.object, ["defaults", "run", "shell"], "")

stops(name) := false if {
	contains(name, "{0}")
	not regex.match(`\s-\w*e`, name)
} else := false if {
	name in {"cmd", "python"}
} else := true

pipes(name) := false if {
	name in {"", "sh"}
} else := false if {
	contains(name, "{0}")
	not contains(name, "pipefail")
} else := true

# A later step or job that deploys although the gate refused.
finding contains f if {
	some s in gate_steps
	s.index == min([o.index | some o in gate_steps; o.item.id == s.item.id; o.job.id == s.job.id])
	some n, step in s.job.steps
	n > s.index
	acts(step.spec)
	runs_anyway(github.condition(step.spec), set())
	f := told(
		s.item, array.concat(step.path, ["if"]), sprintf("a step that deploys runs even if %s refuses", [s.gate]),
		sprintf("if: %s", [github.condition(step.spec)]),
	)
}

finding contains f if {
	some j in github.jobs
	some step in j.job.steps
	acts(step.spec)
	needs := {n | some n in gitlab.list(object.get(j.job.spec, "needs", []))}
	gates := {s.job.id | some s in gate_steps; s.item.id == j.item.id; s.job.id in needs}
	count(gates) > 0
	runs_anyway(github.condition(j.job.spec), gates)
	f := told(
		j.item, array.concat(j.job.path, ["if"]), sprintf("job %s deploys even if job %s refuses", [j.job.id, min(gates)]),
		sprintf("if: %s", [github.condition(j.job.spec)]),
	)
}

acts(spec) if github.deploys(spec)

acts(spec) if github.publishes(spec)

runs_anyway(text, gates) if {
	regex.match(`always\(\)|!\s*cancelled\(\)|failure\(\)`, text)
	every g in gates { not contains(text, sprintf("needs.%s.result", [g])) }
	not regex.match(`success\(\)|contains\(needs\.\*\.result|\.outcome\s*==`, text)
}

# --- GitLab

gate_jobs := [object.union(j, {"gate": name}) | some j in gitlab.jobs; name := gate.of_text(gitlab.text(j.job), params)]

finding contains f if {
	some j in gate_jobs
	allow := object.get(j.job.spec, "allow_failure", null)
	may_fail(allow)
	f := told(j.item, array.concat(j.job.path, ["allow_failure"]), sprintf("job %s, which runs %s, may fail", [j.job.name, j.gate]), "allow_failure")
}

may_fail(true)

may_fail(v) if is_object(v)

# when: manual without rules lets the pipeline go on without the job.
finding contains f if {
	some j in gate_jobs
	object.get(j.job.spec, "when", "") == "manual"
	not is_boolean(object.get(j.job.spec, "allow_failure", null))
	f := told(
		j.item, array.concat(j.job.path, ["when"]), sprintf("job %s, which runs %s, waits for somebody, and the pipeline goes on without it", [j.job.name, j.gate]),
		"when: manual",
	)
}

finding contains f if {
	some j in gate_jobs
	some r in gitlab.rules(j.job.spec)
	object.get(r.rule, "allow_failure", false) == true
	f := told(
		j.item, array.concat(j.job.path, ["rules", r.index, "allow_failure"]), sprintf("job %s, which runs %s, may fail", [j.job.name, j.gate]),
		"allow_failure: true",
	)
}

finding contains f if {
	some j in gate_jobs
	some line in j.job.script
	some hit in gate.ignored(line.text, params.commands, {"stops": true, "pipes": true})
	f := told(j.item, line.path, sprintf("%s: %s", [hit.command, hit.why]), hit.found)
}

# The lines of a job are one script: set +e in one holds for those after it.
finding contains f if {
	some j in gate_jobs
	whole := gitlab.text(j.job)
	contains(whole, "set +")
	some hit in gate.ignored(whole, params.commands, {"stops": true, "pipes": true})
	contains(hit.why, "set +e")
	line := [l | some l in j.job.script; gate.of_text(l.text, params) == hit.command][0]
	f := told(j.item, line.path, sprintf("%s: %s", [hit.command, hit.why]), hit.found)
}

finding contains f if {
	some j in gitlab.jobs
	count([1 | some g in gate_jobs; g.item.id == j.item.id]) > 0
	object.get(j.job.spec, "when", "") == "always"
	gitlab.deploys(j.job)
	not gate.of_text(gitlab.text(j.job), params)
	f := told(j.item, array.concat(j.job.path, ["when"]), sprintf("job %s deploys even if a gate before it refuses", [j.job.name]), "when: always")
}

# Gates that are told to succeed whatever they find.
finding contains f if {
	some s in gate_steps
	some name, values in lenient[github.action(s.spec)]
	value := lower(github.text_of(github.given(s.spec, name)))
	value in values
	count([1 | some o in github.steps; o.item.id == s.item.id; github.action(o.spec) == github.action(s.spec); strict(o.spec, name, values)]) == 0
	key := min([k | some k, _ in s.spec["with"]; lower(k) == name])
	f := object.union({"severity": "medium"}, told(s.item, array.concat(s.path, ["with", key]), sprintf("%s in job %s succeeds whatever it finds", [s.gate, s.job.id]), sprintf("%s: %s", [key, value])))
}

# A first run that only reports is fine where a second one decides.
strict(spec, name, values) if {
	value := lower(github.text_of(github.given(spec, name)))
	value != ""
	not value in values
}

lenient := {
	"aquasecurity/trivy-action": {"exit-code": {"0"}}, "anchore/scan-action": {"fail-build": {"false"}}, "bridgecrewio/checkov-action": {"soft_fail": {"true"}},
	"google/osv-scanner-action": {"fail-on-vuln": {"false"}}, "google/osv-scanner-action/osv-reporter-action": {"fail-on-vuln": {"false"}},
}

finding contains f if {
	some script in shells
	some words in shell.commands(script.text)
	pattern := lenient_options[shell.name(words)]
	gate.of_words(words, params.commands)
	found := regex.find_n(pattern, concat(" ", shell.arguments(words)), 1)[0]
	count([1 | some o in shells; o.item.id == script.item.id; regex.match(`--exit-code[ =][1-9]`, o.text)]) == 0
	f := object.union({"severity": "medium"}, told(script.item, script.path, sprintf("%s succeeds whatever it finds", [shell.name(words)]), found))
}

shells := array.concat(
	[{"item": s.item, "path": array.concat(s.path, ["run"]), "text": s.text} | some s in github.runs],
	[{"item": l.item, "path": l.path, "text": l.text} | some l in gitlab.lines],
)

lenient_options := {
	"trivy": `--exit-code[ =]0\b`, "checkov": `(^|\s)(--soft-fail|-s)(\s|$)`, "gitleaks": `--exit-code[ =]0\b`,
}

# GitLab's own scanners are switched off by variables.
finding contains f if {
	some v in gitlab.variables
	regex.match(`^(SAST|SAST_IAC|SECRET_DETECTION|DEPENDENCY_SCANNING|CONTAINER_SCANNING|DAST|DAST_API|API_FUZZING|COVFUZZ)_DISABLED$`, v.name)
	lower(github.text_of(v.value)) in {"true", "1"}
	f := object.union({"severity": "medium"}, told(v.item, v.path, sprintf("%s switches a scanner off", [v.name]), sprintf("%s: %q", [v.name, github.text_of(v.value)])))
}

told(item, path, message, found) := {
	"item": item.id, "path": path, "message": message, "found": shell.clip(found), "expected": "a gate whose refusal stops what comes after it",
}
