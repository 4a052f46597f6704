# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Events of strangers do not start privileged workflows that do more than file work
# description: pull_request_target, workflow_run and issue_comment give the repository's token and secrets to a run that a stranger started. Every script in it has to be safe against what that stranger wrote.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#pull_request_target
#   description: GitHub Actions events, pull_request_target
# - ref: https://docs.zizmor.sh/audits/#dangerous-triggers
#   description: zizmor, dangerous-triggers
# custom:
#   id: pipeline.dangerous-trigger
#   severity: medium
#   remediation: Use pull_request, which has no secrets; keep pull_request_target for jobs that neither check out nor run anything, such as labelling.
#   zeroTrust: [Z2, Z4]
#   kinds: [github]
package sealock.config.pipeline.dangerous_trigger

import data.sealock.lib.config_github as github

finding contains f if {
	some item in github.workflows
	some trigger in (github.triggers(item) & {"pull_request_target", "workflow_run", "issue_comment"})
	names := sort([job.id | some job in item.jobs; works(job); open(job, trigger)])
	count(names) > 0
	f := {
		"item": item.id, "path": github.event_path(item, trigger), "severity": severity(trigger),
		"message": sprintf("%s starts job %s, which runs scripts or other code, with the repository's rights", [trigger, names[0]]),
		"found": trigger, "expected": "pull_request, or only jobs that run nothing",
	}
}

severity("pull_request_target") := "medium"

severity("workflow_run") := "low"

severity("issue_comment") := "low"

works(job) if is_string(object.get(job.spec, "uses", null))

works(job) if {
	some step in job.steps
	is_object(step.spec)
	runs(step.spec)
}

runs(spec) if is_string(object.get(spec, "run", null))

runs(spec) if github.action(spec) == "actions/checkout"

runs(spec) if startswith(github.action(spec), "./")

open(job, trigger) if {
	text := github.condition(job.spec)
	not github.own_only(text)
	not github.not_for(text, trigger)
	not asked(text, trigger)
}

# Who commented is asked before anything runs.
asked(text, "issue_comment") if regex.match(`author_association|comment\.user\.login|sender\.login|github\.actor\b`, github.normal(text))
