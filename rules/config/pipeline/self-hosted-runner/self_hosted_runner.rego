# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: Jobs do not run on self-hosted runners
# description: A self-hosted runner usually keeps its disk and its network between jobs, so that one job can change the next one's tools. On a public repository, anybody's pull request may run there.
# related_resources:
# - ref: https://docs.github.com/en/actions/reference/security/secure-use#hardening-for-self-hosted-runners
#   description: GitHub secure use reference, hardening for self-hosted runners
# - ref: https://slsa.dev/spec/v1.1/requirements#isolated
#   description: SLSA, build level 3, isolated
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-07-Insecure-System-Configuration
#   description: OWASP CI/CD risks, CICD-SEC-7
# custom:
#   id: pipeline.self-hosted-runner
#   severity: medium
#   remediation: Use runners hosted by GitHub, or runners that live for one job, and name their labels in the parameter ephemeral.
#   zeroTrust: [Z2, Z3, Z4]
#   kinds: [github]
#   parameters:
#     ephemeral: {type: strings, default: [], about: "labels of own runners that are made new for each job"}
package sealock.config.pipeline.self_hosted_runner

import data.sealock.lib.config_github as github

finding contains f if {
	some j in github.jobs
	labels := {lower(l) | some l in named(j.job.spec)}
	"self-hosted" in labels
	count(labels & {lower(l) | some l in data.params["pipeline.self-hosted-runner"].ephemeral}) == 0
	f := {
		"item": j.item.id, "path": array.concat(j.job.path, ["runs-on"]), "severity": severity(j),
		"message": sprintf("job %s runs on a self-hosted runner%s", [j.job.id, strangers(j)]),
		"found": concat(", ", sort([l | some l in labels])), "expected": "a runner that lives for one job",
	}
}

named(spec) := texts(runs_on) | matrix(spec, runs_on) if runs_on := object.get(spec, "runs-on", "")

texts(v) := {v} if {
	is_string(v)
} else := {t | some t in v; is_string(t)} if {
	is_array(v)
} else := texts_of(object.get(v, "labels", [])) if {
	is_object(v)
} else := set()

texts_of(v) := {v} if {
	is_string(v)
} else := {t | some t in v; is_string(t)} if {
	is_array(v)
} else := set()

# runs-on: ${{ matrix.os }} means each of the values of the matrix.
matrix(spec, runs_on) := {t |
	some value in texts(runs_on)
	some m in regex.find_all_string_submatch_n(`matrix\.([\w-]+)`, value, -1)
	some entry in array.concat(list(object.get(spec, ["strategy", "matrix", m[1]], [])), [object.get(i, m[1], "") |
		some i in list(object.get(spec, ["strategy", "matrix", "include"], []))
		is_object(i)
	])
	some t in texts(entry)
}

list(v) := v if {
	is_array(v)
} else := []

by_strangers(j) if {
	some t in (github.triggers(j.item) & {"pull_request", "pull_request_target", "issue_comment", "issues", "workflow_run"})
	not github.not_for(github.condition(j.job.spec), t)
}

severity(j) := "high" if {
	by_strangers(j)
} else := "medium"

strangers(j) := ", for events that strangers can cause" if {
	by_strangers(j)
} else := ""
