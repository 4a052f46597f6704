# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Jobs that deploy name an environment
# description: An environment is where approvals, branch rules and secrets of a deployment are kept, and what the cloud can ask for in the job's identity. Without one, every branch and workflow can deploy with the same secrets.
# related_resources:
# - ref: https://docs.github.com/en/actions/how-tos/deploy/configure-and-manage-deployments/control-deployments
#   description: GitHub, environments with protection rules
# - ref: https://docs.zizmor.sh/audits/#secrets-outside-env
#   description: zizmor, secrets-outside-env
# custom:
#   id: pipeline.deploy-environment
#   severity: low
#   remediation: "Add environment: <name> to the job, and require reviewers or protected branches in its settings."
#   zeroTrust: [Z4, Z13, Z18]
#   kinds: [github]
package sealock.config.pipeline.deploy_environment

import data.sealock.lib.config_github as github

finding contains f if {
	some j in github.jobs
	j.item.kind == "workflow"
	object.get(j.job.spec, "environment", null) == null
	names := [n | some n, step in j.job.steps; github.deploys(step.spec)]
	count(names) > 0
	not github.throwaway(j.job)
	not for_tests(j)
	f := {
		"item": j.item.id, "path": array.concat(j.job.path, ["environment"]), "message": sprintf("job %s deploys without an environment", [j.job.id]),
		"found": "no environment", "expected": "environment: <name>",
	}
}

# What runs for pull requests deploys to something that the tests made.
for_tests(j) if {
	"pull_request" in github.triggers(j.item)
	not github.not_for(github.condition(j.job.spec), "pull_request")
}
