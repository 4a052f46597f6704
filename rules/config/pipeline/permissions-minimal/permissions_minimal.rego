# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Jobs hold only the permissions that they need
# description: Whatever runs in a job, each dependency and action included, can use its token. Rights to write that all jobs share, or that jobs for pull requests hold, turn one bad dependency into a changed repository or a signed release.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/security/secure-use#using-the-github_token
#   description: GitHub secure use reference, permissions of the token
# - ref: https://docs.zizmor.sh/audits/#excessive-permissions
#   description: zizmor, excessive-permissions
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-05-Insufficient-PBAC
#   description: OWASP CI/CD risks, CICD-SEC-5
# custom:
#   id: pipeline.permissions-minimal
#   severity: high
#   remediation: "Write permissions: {} at the top and the single scopes in the jobs that need them; keep rights to write and id-token out of jobs for pull requests."
#   zeroTrust: [Z13, Z28]
#   kinds: [github]
package sealock.config.pipeline.permissions_minimal

import data.sealock.lib.config_github as github

finding contains f if {
	some p in declared
	p.value == "write-all"
	f := {
		"item": p.item.id, "path": p.path, "severity": "high",
		"message": sprintf("%s may write to everything", [p.who]), "found": "write-all", "expected": "the scopes that are needed, one by one",
	}
}

finding contains f if {
	some p in declared
	p.value == "read-all"
	f := {
		"item": p.item.id, "path": p.path, "severity": "low",
		"message": sprintf("%s may read everything", [p.who]), "found": "read-all", "expected": "the scopes that are needed, one by one",
	}
}

declared := array.concat(
	[{"item": item, "path": ["permissions"], "value": item.object.permissions, "who": "every job"} |
		some item in github.workflows
		"permissions" in object.keys(item.object)
	],
	[{"item": j.item, "path": array.concat(j.job.path, ["permissions"]), "value": j.job.spec.permissions, "who": sprintf("job %s", [j.job.id])} |
		some j in github.jobs
		"permissions" in object.keys(j.job.spec)
	],
)

# Rights that every job gets though only one of them may need them.
finding contains f if {
	some item in github.workflows
	permissions := object.get(item.object, "permissions", {})
	is_object(permissions)
	sharing := [job.id | some job in item.jobs; not "permissions" in object.keys(job.spec)]
	count(sharing) > 0
	count(item.jobs) > 1
	some scope, level in permissions
	level == "write"
	not by_pull_request(item, scope)
	f := {
		"item": item.id, "path": ["permissions", scope], "severity": shared_severity(scope),
		"message": sprintf("%s: write is given to every job that does not say otherwise (%s)", [scope, concat(", ", sort(sharing))]),
		"found": sprintf("%s: write for the workflow", [scope]), "expected": "the scope only in the job that needs it",
	}
}

strong := {"contents", "id-token", "packages", "actions", "deployments", "attestations"}

shared_severity(scope) := "medium" if {
	scope in strong
} else := "low"

# Rights to write in jobs that run what a pull request contains.
finding contains f if {
	some j in github.jobs
	some trigger in (github.triggers(j.item) & {"pull_request", "pull_request_target"})
	trigger == min(github.triggers(j.item) & {"pull_request", "pull_request_target"})
	not github.not_for(github.condition(j.job.spec), trigger)
	not github.own_only(github.condition(j.job.spec))
	runs_code(j.job)
	own := "permissions" in object.keys(j.job.spec)
	some scope, level in j.job.permissions
	level == "write"
	scope in strong
	first(j, own)
	f := {
		"item": j.item.id, "path": array.concat(place(j, own), [scope]), "severity": "medium",
		"message": sprintf("job %s runs for pull requests with %s: write", [j.job.id, scope]),
		"found": sprintf("%s: write", [scope]), "expected": "rights to read only, in jobs for pull requests",
	}
}

# Jobs that only label, comment or merge hold nothing of the pull request that could run.
runs_code(job) if is_string(object.get(job.spec, "uses", null))

runs_code(job) if {
	some step in job.steps
	checks_out(step.spec)
}

checks_out(spec) if regex.match(`(^|/)[\w-]*checkout[\w-]*$`, github.action(spec))

checks_out(spec) if regex.match(`\bgit\s+(clone|fetch|pull|checkout)\b|\bgh\s+(pr\s+checkout|repo\s+clone)\b`, github.text_of(object.get(spec, "run", "")))

place(j, true) := array.concat(j.job.path, ["permissions"])

place(_, false) := ["permissions"]

first(_, true)

# Permissions of the workflow are one finding, however many jobs have them.
first(j, false) if j.job.id == min({job.id | some job in j.item.jobs; not "permissions" in object.keys(job.spec)})

by_pull_request(item, scope) if {
	scope in strong
	count(github.triggers(item) & {"pull_request", "pull_request_target"}) > 0
}
