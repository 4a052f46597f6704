# SPDX-License-Identifier: Apache-2.0

# METADATA
# title: No build step runs what it has just downloaded, unread
# description: Whoever controls the server, the name or a tag behind the address decides what gets into the image.
# related_resources:
# - ref: https://github.com/ossf/scorecard/blob/main/docs/checks.md#pinned-dependencies
#   description: OpenSSF Scorecard, Pinned-Dependencies, downloads that are run
# - ref: https://csrc.nist.gov/pubs/sp/800/190/final
#   description: NIST SP 800-190, 4.1.5 use of untrusted images
# - ref: https://csrc.nist.gov/pubs/sp/800/53/r5/upd1/final
#   description: NIST SP 800-53, SI-7 integrity of software
# custom:
#   id: dockerfile.remote-script
#   severity: high
#   remediation: "Use ADD --checksum=sha256:… for a fixed version, or compare the download with a digest (sha256sum -c) before it runs."
#   zeroTrust: [Z1, Z20]
#   kinds: [dockerfiles]
package sealock.config.dockerfile.remote_script

import data.sealock.lib.config_dockerfile as dockerfile
import data.sealock.lib.config_shell as shell

finding contains f if {
	some r in dockerfile.runs
	shown := sort([s | some s in shell.remote_runs(r.text)])
	count(shown) > 0
	f := {
		"item": r.item.id, "path": r.path, "severity": severity(shown), "message": sprintf("the build runs what it downloads, unchecked: %s", [shown[0]]),
		"found": shown[0], "expected": "a fixed version, compared with a digest before it runs",
	}
}

severity(shown) := "medium" if {
	every s in shown { contains(s, ", then ") }
} else := "high"
