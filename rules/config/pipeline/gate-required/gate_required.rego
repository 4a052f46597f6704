# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Jobs that deploy wait for the gate
# description: A job that does not need the gate's job starts beside it, and deploys what the gate is about to refuse.
# related_resources:
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-01-Insufficient-Flow-Control-Mechanisms
#   description: OWASP CI/CD risks, CICD-SEC-1
# - ref: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idneeds
#   description: GitHub, jobs.<job_id>.needs
# - ref: https://docs.gitlab.com/ci/yaml/#needs
#   description: GitLab, needs
# custom:
#   id: pipeline.gate-required
#   severity: high
#   remediation: "Add the gate's job to needs of the job that deploys, or verify the artifact in the job itself, right before it deploys."
#   zeroTrust: [Z8, Z21]
#   kinds: [github, gitlab]
#   parameters:
#     commands:
#       type: strings
#       default: [sealock, cosign verify, cosign verify-attestation, conftest test, slsa-verifier, gh attestation verify, notation verify]
#       about: "commands that decide what may go on: a program, or a program and its first words"
#     actions: {type: strings, default: [sealock-dev/], about: "actions that decide what may go on; a / at the end means all of an owner"}
#     always: {type: boolean, default: false, about: "whether workflows that deploy without any gate are findings too"}
package sealock.config.pipeline.gate_required

import data.sealock.lib.config_gate as gate
import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab

params := data.params["pipeline.gate-required"]

# --- GitHub

finding contains f if {
	some item in github.workflows
	gates := {job.id | some job in item.jobs; guarded(job)}
	demanded(gates)
	some job in item.jobs
	deploys(job)
	not job.id in gates
	not waits(item, job, gates)
	f := {
		"item": item.id, "path": array.concat(job.path, ["needs"]), "message": sprintf("job %s deploys without waiting for %s", [job.id, named(gates)]),
		"found": sprintf("needs: %v", [object.get(job.spec, "needs", [])]), "expected": "the gate's job in needs",
	}
}

demanded(gates) if count(gates) > 0

demanded(_) if params.always == true

named(gates) := "a gate" if {
	count(gates) == 0
} else := sprintf("the gate in job %s", [min(gates)])

guarded(job) if {
	some step in job.steps
	gate.of_step(step.spec, params)
}

deploys(job) if {
	some step in job.steps
	github.deploys(step.spec)
	not github.throwaway(job)
}

waits(item, job, gates) if {
	edges := {j.id: {n | some n in gitlab.list(object.get(j.spec, "needs", []))} | some j in item.jobs}
	count(graph.reachable(edges, {job.id}) & gates) > 0
}

# --- GitLab: jobs without needs wait for every job of the stages before theirs.

finding contains f if {
	some item in input.gitlab
	jobs := [job | some job in item.jobs; not gitlab.hidden(job)]
	gates := {job.name | some job in jobs; gate.of_text(gitlab.text(job), params)}
	demanded(gates)
	some job in jobs
	gitlab.deploys(job)
	not job.name in gates
	not ordered(item, jobs, job, gates)
	f := {
		"item": item.id, "path": array.concat(job.path, ["needs"]), "message": sprintf("job %s deploys without waiting for %s", [job.name, named(gates)]),
		"found": sprintf("needs: %v", [needed(job)]), "expected": "the gate's job in needs, or in an earlier stage",
	}
}

needed(job) := [name | some n in gitlab.list(object.get(job.spec, "needs", [])); name := need(n)]

need(n) := n if {
	is_string(n)
} else := object.get(n, "job", "")

# before(item, jobs, job) is the jobs that a job waits for directly.
before(item, jobs, job) := {name | some name in needed(job)} if {
	is_array(object.get(job.spec, "needs", null))
} else := {other.name | some other in jobs; gitlab.position(item, other) < gitlab.position(item, job)}

ordered(item, jobs, job, gates) if {
	edges := {j.name: before(item, jobs, j) | some j in jobs}
	count(graph.reachable(edges, {job.name}) & gates) > 0
}
