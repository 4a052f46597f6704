# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Workflows say what their token may do
# description: Without permissions, the token has the repository's default, which in many repositories may write to everything.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/security/secure-use#using-the-github_token
#   description: GitHub secure use reference, permissions of the token
# - ref: https://github.com/ossf/scorecard/blob/main/docs/checks.md#token-permissions
#   description: OpenSSF Scorecard, Token-Permissions
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, AC-6 least privilege
# custom:
#   id: pipeline.permissions-declared
#   severity: medium
#   remediation: "Write permissions: {} at the top of the workflow and give each job what it needs."
#   zeroTrust: [Z13, Z28]
#   kinds: [github]
package sealock.config.pipeline.permissions_declared

import data.sealock.lib.config_github as github

finding contains f if {
	some item in github.workflows
	not "permissions" in object.keys(item.object)
	open := sort([job.id | some job in item.jobs; object.get(job, "permissions", null) == null])
	count(open) > 0
	f := {
		"item": item.id, "path": where(item, open), "severity": severity(item),
		"message": sprintf("job %s runs with the default permissions of the repository", [concat(", ", open)]),
		"found": "no permissions", "expected": "permissions in the workflow or in each job",
	}
}

# If other jobs say what they need, the one that does not is the place.
where(item, open) := ["jobs", open[0]] if {
	count(open) < count(item.jobs)
} else := ["permissions"]

# What a called workflow may do is bounded by its caller.
severity(item) := "low" if {
	github.triggers(item) == {"workflow_call"}
} else := "medium"
