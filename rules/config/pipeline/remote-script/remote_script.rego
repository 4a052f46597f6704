# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No step runs what it has just downloaded, unread
# description: Whoever controls the server, the name or a tag behind the address runs code in the pipeline, with its token and secrets. So do those who can change the answer on its way.
# related_resources:
# - ref: https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies
#   description: OpenSSF Scorecard, Pinned-Dependencies, downloads that are run
# - ref: https://owasp.org/www-project-top-10-ci-cd-security-risks/CICD-SEC-03-Dependency-Chain-Abuse
#   description: OWASP CI/CD risks, CICD-SEC-3
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SI-7 integrity of software
# custom:
#   id: pipeline.remote-script
#   severity: high
#   remediation: Download a fixed version into a file, compare it with a digest that stands in the repository (sha256sum -c) or verify its signature, then run it.
#   zeroTrust: [Z1, Z20]
#   kinds: [github, gitlab, jenkins]
package sealock.config.pipeline.remote_script

import data.sealock.lib.config_downloads as downloads
import data.sealock.lib.config_github as github
import data.sealock.lib.config_gitlab as gitlab
import data.sealock.lib.config_pipeline as pipeline

finding contains f if {
	some script in pipeline.scripts
	some shown in downloads.runs(script.text)
	f := told(script.item, script.path, shown)
}

# Scripts that a step gives to an action.
finding contains f if {
	some s in github.given_scripts
	some shown in downloads.runs(s.text)
	f := told(s.item, s.path, shown)
}

# A download in one line or step that another one runs.
finding contains f if {
	some job in parted
	some part in job.parts
	regex.match(`(?i)\b(curl|wget|fetch|iwr|irm|invoke-webrequest|urlretrieve|copy|downloadfile)\b[^\n]*https?://`, part.text)
	within := {what(x) | some other in job.parts; some x in downloads.saved(other.text)}
	later := downloads.saved(concat("\n", [other.text | some other in job.parts]))
	some download in {what(x) | some x in later} - within
	shown := min({x | some x in later; what(x) == download})
	n := min([k | some k, other in job.parts; some u in urls(shown); contains(other.text, u)])
	f := told(job.item, job.parts[n].path, shown)
}

what(shown) := split(shown, ", then ")[0]

# parted is jobs with the parts of their scripts.
parted := array.concat(
	[{"item": j.item, "parts": [line | some line in j.job.script; is_string(line.text)]} | some j in gitlab.jobs],
	[{"item": j.item, "parts": parts} |
		some j in github.jobs
		parts := [{"text": step.spec.run, "path": array.concat(step.path, ["run"])} | some step in j.job.steps; is_string(object.get(step.spec, "run", null))]
		count(parts) > 1
	],
)

urls(shown) := {u | some u in regex.find_n(`https?://[^\s,"'@…]+`, shown, 1)}

told(item, path, shown) := {
	"item": item.id, "path": path, "severity": downloads.severity({shown}), "message": sprintf("the script runs what it downloads, unchecked: %s", [shown]),
	"found": shown, "expected": "a fixed version, compared with a digest before it runs",
}
