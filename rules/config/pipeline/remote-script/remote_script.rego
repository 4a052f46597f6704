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

import data.sealock.lib.config_gitlab as gitlab
import data.sealock.lib.config_pipeline as pipeline
import data.sealock.lib.config_shell as shell

finding contains f if {
	some script in pipeline.scripts
	some shown in shell.remote_runs(script.text)
	f := told(script.item, script.path, shown)
}

# A download in one line of the script that another line runs.
finding contains f if {
	some j in gitlab.jobs
	whole := gitlab.text(j.job)
	some shown in shell.saved(whole)
	not shown in {x | some line in j.job.script; some x in shell.saved(line.text)}
	some n, line in j.job.script
	n == min([k | some k, l in j.job.script; some u in urls(shown); contains(l.text, u)])
	f := told(j.item, line.path, shown)
}

urls(shown) := {u | some u in regex.find_n(`https?://[^\s,"'@…]+`, shown, 1)}

told(item, path, shown) := {
	"item": item.id, "path": path, "severity": severity(shown), "message": sprintf("the script runs what it downloads, unchecked: %s", [shown]),
	"found": shown, "expected": "a fixed version, compared with a digest before it runs",
}

severity(shown) := "medium" if {
	contains(shown, ", then ")
} else := "high"
